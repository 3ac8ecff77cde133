/** A reason not to start, told in full by its message; a stack would say nothing more. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
