export { type EchoSource, echo } from './echo.ts'
