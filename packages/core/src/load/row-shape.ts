import type { Codec } from '../codec/codec.ts'

/** A row that is made out of cells: the texts of a result's columns, or the items of a JSON array. */
export interface RowShape {
  readonly columns: readonly ColumnCell[]
  /** What a row has besides its columns, in the order in which it was asked. */
  readonly members: readonly Member[]
  /** Relations that nobody may load for it. */
  readonly raised: readonly string[]
}

/** A column of a row. */
export interface ColumnCell {
  readonly name: string
  readonly cell: number
  readonly codec: Codec
}

/** What a row has besides its columns. */
export type Member = JoinedMember | InlineMember | NestedMember | ScalarMember | LaterMember

/** A row of the same statement, which is there if the cell `present` is not null. */
export interface JoinedMember {
  readonly kind: 'joined'
  readonly name: string
  readonly present: number
  readonly row: RowShape
}

/** Columns of the same row under a name of their own. */
export interface InlineMember {
  readonly kind: 'inline'
  readonly name: string
  readonly row: RowShape
}

/** A cell that holds one row or several as JSON arrays. */
export interface NestedMember {
  readonly kind: 'nested'
  readonly name: string
  readonly cell: number
  readonly many: boolean
  /** Each array is written in pieces. */
  readonly chunked: boolean
  readonly row: RowShape
}

/** A value of its own. */
export interface ScalarMember {
  readonly kind: 'scalar'
  readonly name: string
  readonly cell: number
  readonly codec: Codec
}

/** What another statement brings; until then it is `empty`, or an array of its own. */
export interface LaterMember {
  readonly kind: 'later'
  readonly name: string
  readonly many: boolean
  readonly empty: unknown
  /** What its rows are found by. */
  readonly own: readonly KeyCell[]
}

/** A column whose text is compared with that of another table. */
export interface KeyCell {
  readonly cell: number
  readonly type: string
}

/** How many rows among these wait for other statements. */
export function latersOf(members: readonly Member[]): number {
  return members.reduce((count, member) => {
    if (member.kind === 'later') return count + 1
    return member.kind === 'joined' ? count + latersOf(member.row.members) : count
  }, 0)
}
