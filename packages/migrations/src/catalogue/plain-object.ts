/** An object that lives in a schema. */
export interface InSchema {
  readonly schema: string
  readonly name: string
  readonly comment?: string
}

/** A namespace. */
export interface Schema {
  readonly name: string
  readonly comment?: string
}

/** An installed extension. What it owns is in no catalogue. */
export interface Extension {
  readonly name: string
  readonly schema: string
  /** What the server has; it is not compared. */
  readonly version: string
}

/** How a sequence counts. Numbers are texts, since they may be larger than a double can hold. */
export interface SequenceOptions {
  readonly type: string
  readonly start: string
  readonly increment: string
  readonly min: string
  readonly max: string
  readonly cache: string
  readonly cycle: boolean
}

/** A sequence that no identity or serial column brought with it. */
export interface Sequence extends InSchema {
  readonly options: SequenceOptions
  readonly unlogged: boolean
  /** The column that takes the sequence along when it is dropped. */
  readonly ownedBy?: { readonly schema: string; readonly table: string; readonly column: string }
}
