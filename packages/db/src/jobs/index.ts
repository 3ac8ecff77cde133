export { sendWelcome } from './send-welcome.ts'
