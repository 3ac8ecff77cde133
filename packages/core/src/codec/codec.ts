/** How the values of a column travel. */
export interface Codec {
  /** Reads the server's text. */
  readonly decode: (text: string) => unknown
  /**
   * Makes a value ready for pg. Absent: pg takes it as it is.
   *
   * @throws {DataError} `PARAMETER_INVALID` for what would not come back as it is
   */
  readonly encode?: (value: unknown) => unknown
  /**
   * How it is put into JSON: `as is` where JSON keeps the value whole, or as the server's `text`, which is then decoded as outside of
   * JSON.
   */
  readonly inJson: 'as is' | 'text'
  /** Its values are read otherwise than those of other columns of its type. @default false */
  readonly special?: boolean
  /** Its values are arrays in TypeScript, or may be: compared with one, it is not compared with a list of values. @default false */
  readonly takesArrays?: boolean
}
