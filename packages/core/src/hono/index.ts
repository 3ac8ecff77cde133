export {
  type HonoContext,
  type SessionPerRequestOptions,
  type SessionVariables,
  sessionPerRequest,
} from './session-per-request.ts'
