/** What went wrong, for a program to branch on; the message is for the person who reads it. */
export type EmbeddedErrorCode =
  /** A server of a live process already uses this data directory. */
  | 'ALREADY_RUNNING'
  /** The data directory belongs to a user that the server cannot run as. */
  | 'DATA_DIR_OWNER'
  /** The data directory was written by another major version of PostgreSQL. */
  | 'DATA_DIR_VERSION'
  /** The server's user may no longer enter the folder that holds the data directory. */
  | 'DATA_DIR_UNREACHABLE'
  /** A database could not be created or dropped; `cause` is the driver's error. */
  | 'DATABASE_FAILED'
  /** No space is left for the data directory. */
  | 'DISK_FULL'
  /** No PostgreSQL for this platform, or its package is not completely installed. */
  | 'NO_BINARY'
  /** The server is down or has ended, and what was asked needs a running one. */
  | 'NOT_RUNNING'
  /** Started as root on a machine without an ordinary user to run the server as. */
  | 'NO_UNPRIVILEGED_USER'
  /** The given port is taken by another program. */
  | 'PORT_TAKEN'
  /** The target of a fault proxy is not the url of a server that listens on TCP. */
  | 'PROXY_TARGET'
  /** The server ended, or did not become ready; the message holds the end of its log. */
  | 'START_FAILED'
  /** A folder in the system's temporary place exists, but is not safely ours. */
  | 'UNSAFE_FOLDER'

/** A server that could not do what was asked. Branch on `code`, never on the text. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError'
  readonly code: EmbeddedErrorCode

  constructor(code: EmbeddedErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
