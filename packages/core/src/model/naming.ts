const snakes = new Map<string, string>()
const camels = new Map<string, string>()

/**
 * The name in PostgreSQL of a name in TypeScript: `welcomedAt` is `welcomed_at`. Every capital gets its underscore, so that the way
 * back is exact: `userID` is `user_i_d`; write `userId`.
 */
export function toSnakeCase(name: string): string {
  let snake = snakes.get(name)
  if (snake === undefined) {
    snake = name.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
    remember(snakes, name, snake)
  }
  return snake
}

/** The name in TypeScript of a name in PostgreSQL: `welcomed_at` is `welcomedAt`. */
export function toCamelCase(name: string): string {
  let camel = camels.get(name)
  if (camel === undefined) {
    camel = name.replace(/(?<=[a-z0-9])_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    remember(camels, name, camel)
  }
  return camel
}

/** Names come from source code, so the maps stay small; names made up at run time must not fill the memory. */
function remember(names: Map<string, string>, name: string, mapped: string): void {
  if (names.size < 10_000) names.set(name, mapped)
}
