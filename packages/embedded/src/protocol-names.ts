/** The messages of a client, in PostgreSQL's own words. The first four come before the session begins. */
export type ToServerMessage =
  | 'SSLRequest'
  | 'GSSENCRequest'
  | 'CancelRequest'
  | 'StartupMessage'
  | (typeof toServerNames)[keyof typeof toServerNames]

/** The messages of a server. `EncryptionResponse` is the single byte that answers SSLRequest. */
export type ToClientMessage =
  | 'EncryptionResponse'
  | (typeof toClientNames)[keyof typeof toClientNames]

const toServerNames = {
  B: 'Bind',
  C: 'Close',
  d: 'CopyData',
  c: 'CopyDone',
  f: 'CopyFail',
  D: 'Describe',
  E: 'Execute',
  H: 'Flush',
  F: 'FunctionCall',
  p: 'PasswordMessage',
  P: 'Parse',
  Q: 'Query',
  S: 'Sync',
  X: 'Terminate',
} as const

const toClientNames = {
  R: 'Authentication',
  K: 'BackendKeyData',
  2: 'BindComplete',
  3: 'CloseComplete',
  C: 'CommandComplete',
  W: 'CopyBothResponse',
  d: 'CopyData',
  c: 'CopyDone',
  G: 'CopyInResponse',
  H: 'CopyOutResponse',
  D: 'DataRow',
  I: 'EmptyQueryResponse',
  E: 'ErrorResponse',
  V: 'FunctionCallResponse',
  v: 'NegotiateProtocolVersion',
  n: 'NoData',
  N: 'NoticeResponse',
  A: 'NotificationResponse',
  t: 'ParameterDescription',
  S: 'ParameterStatus',
  1: 'ParseComplete',
  s: 'PortalSuspended',
  Z: 'ReadyForQuery',
  T: 'RowDescription',
} as const

/** The names of a direction by the first byte of a message. */
export const messageNames: {
  toServer: readonly (ToServerMessage | undefined)[]
  toClient: readonly (ToClientMessage | undefined)[]
} = { toServer: byByte(toServerNames), toClient: byByte(toClientNames) }

function byByte<Name>(names: Record<string, Name>): (Name | undefined)[] {
  return Array.from({ length: 256 }, (_, byte) => names[String.fromCharCode(byte)])
}
