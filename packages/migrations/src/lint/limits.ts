import { asAny, constantOf, namesIn } from './parse-node.ts'
import type { Statement, Transaction } from './statement.ts'

/** A setting that bounds how long a statement waits, or runs. */
export type Limit = 'lock_timeout' | 'statement_timeout'

/** Which limits are in force, as the statements of a change set them. */
export class Limits {
  readonly #initial: boolean
  readonly #session = new Map<Limit, boolean>()
  readonly #local = new WeakMap<Transaction, Map<Limit, boolean>>()

  /** @param initial whether whoever runs the change has set them */
  constructor(initial: boolean) {
    this.#initial = initial
  }

  /** Whether a limit is in force for a statement of the transaction, or outside of one. */
  isSet(limit: Limit, transaction: Transaction | undefined): boolean {
    const local = transaction && this.#local.get(transaction)?.get(limit)
    return local ?? this.#session.get(limit) ?? this.#initial
  }

  /** Takes in a statement that may set one. */
  apply(statement: Statement): void {
    const setting = settingOf(statement)
    if (setting === undefined) return
    const { name, value, local } = setting
    const limited = value === undefined ? this.#initial : !/^0+\D*$/.test(value.trim())
    for (const limit of ['lock_timeout', 'statement_timeout'] as const) {
      if (name !== limit && name !== '') continue
      const { transaction } = statement
      if (!local) this.#session.set(limit, limited)
      // Outside a transaction SET LOCAL does nothing.
      if (transaction === undefined) continue
      const settings = this.#local.get(transaction) ?? new Map<Limit, boolean>()
      this.#local.set(transaction, settings.set(limit, limited))
    }
  }
}

interface Setting {
  /** Empty for all. */
  readonly name: string
  /** Undefined if it goes back to what it was before the change. */
  readonly value: string | undefined
  readonly local: boolean
}

function settingOf({ node }: Statement): Setting | undefined {
  const set = node.VariableSetStmt
  if (set !== undefined) {
    const given = set.kind === 'VAR_SET_VALUE' ? constantOf(set.args?.[0]) : undefined
    return { name: set.name ?? '', value: given, local: set.is_local === true }
  }
  const call = asAny(asAny(node.SelectStmt?.targetList?.[0]).ResTarget?.val).FuncCall
  if (namesIn(call?.funcname).at(-1) !== 'set_config') return undefined
  const [name, value, local] = (call?.args ?? []).map(constantOf)
  return name === undefined || name === ''
    ? undefined
    : { name, value, local: local === 'true' || local === 't' }
}
