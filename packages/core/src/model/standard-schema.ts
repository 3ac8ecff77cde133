/**
 * A validator as libraries of any origin understand it: Hono's and tRPC's, forms, and whatever takes zod, valibot or arktype alike.
 *
 * @see "Standard Schema" 1.0, standardschema.dev
 */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output>
    /** For the compiler alone; never there at run time. */
    readonly types?: { readonly input: Output; readonly output: Output } | undefined
  }
}

/** What became of a value: itself as it was asked for, or what is wrong with it. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** One thing that is wrong: where, and why. It holds no value. */
export interface StandardIssue {
  readonly message: string
  /** The column, then the place inside of its value. */
  readonly path: readonly PropertyKey[]
}
