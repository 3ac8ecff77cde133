/** Where the worker tells what happens; pino's loggers fit. */
export interface JobLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
