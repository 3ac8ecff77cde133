/** A trigger, but for those that enforce constraints. */
export interface Trigger {
  readonly name: string
  /** The whole CREATE TRIGGER statement. */
  readonly definition: string
  readonly enabled: 'origin' | 'disabled' | 'replica' | 'always'
  readonly comment?: string
}
