/** Which part of a list is wanted. */
export interface PageRequest {
  readonly limit: number
  readonly offset: number
}

/** A part of a list, and how long the whole list is. */
export interface Page<Item> {
  readonly items: Item[]
  readonly total: number
}
