import type { Constraint, RangeVar } from 'libpg-query'
import { type DeclaredColumn, declaredColumn } from './added-column.ts'
import { type ColumnType, columnTypeOf } from './column-type.ts'
import { indexedColumns, type KnownConstraint, knownConstraint } from './constraint.ts'
import { asAny, constantOf } from './parse-node.ts'
import type { Statement, Transaction } from './statement.ts'
import { nameOfList, type TableName, tableOf, tableOfList } from './table-name.ts'

/** A column as earlier statements left it. */
export interface KnownColumn {
  readonly type?: ColumnType
  /** Whether it was added in this change. */
  readonly isNew: boolean
  /** Of a new one: what its rows hold. */
  readonly filled?: 'null' | 'same' | 'each'
}

/** A table as earlier statements left it. */
export interface KnownTable {
  readonly name: TableName
  /** Created in this change: nobody uses it yet and it holds what the change put in. */
  isNew: boolean
  readonly columns: Map<string, KnownColumn>
  readonly constraints: Map<string, KnownConstraint>
}

/** An index that an earlier statement made. */
export interface KnownIndex {
  readonly table: string
  readonly columns: readonly string[]
  isNew: boolean
}

/** A value that was added to an enum type. */
export interface AddedValue {
  readonly type: TableName
  readonly value: string
  readonly transaction?: Transaction
}

interface Facts {
  readonly tables: Map<string, KnownTable>
  readonly indexes: Map<string, KnownIndex>
  /** Tables that this change has dropped. */
  readonly dropped: Set<string>
  /** Enum types of this change. */
  readonly enums: Set<string>
  /** Values that this change has added to older enum types. */
  readonly enumValues: AddedValue[]
  searchPath: string[]
}

/** What the statements so far tell of the schema. */
export class Known {
  #facts: Facts = {
    tables: new Map(),
    indexes: new Map(),
    dropped: new Set(),
    enums: new Set(),
    enumValues: [],
    searchPath: ['public'],
  }

  /** The same knowledge, to go another way with. */
  copy(): Known {
    const copy = new Known()
    copy.#facts = structuredClone(this.#facts)
    return copy
  }

  /** A new change begins: what the ones before have made is in use. */
  beginChange(): void {
    const facts = this.#facts
    for (const table of facts.tables.values()) {
      table.isNew = false
      for (const [name, { type }] of table.columns) {
        table.columns.set(name, { isNew: false, ...(type && { type }) })
      }
      for (const [name, constraint] of table.constraints) {
        table.constraints.set(name, { ...constraint, isNew: false })
      }
    }
    for (const index of facts.indexes.values()) index.isNew = false
    facts.dropped.clear()
    facts.enums.clear()
    facts.enumValues.length = 0
    facts.searchPath = ['public']
  }

  /** What decides that two names mean the same table. */
  key({ schema, name }: TableName): string {
    const { tables, searchPath } = this.#facts
    if (schema !== undefined) return `${schema}.${name}`
    const holder = searchPath.find((each) => tables.has(`${each}.${name}`))
    return `${holder ?? searchPath[0] ?? 'public'}.${name}`
  }

  table(name: TableName | undefined): KnownTable | undefined {
    return name && this.#facts.tables.get(this.key(name))
  }

  /** Whether a table was created in this change. */
  isNew(name: TableName | undefined): boolean {
    return this.table(name)?.isNew ?? false
  }

  index(name: TableName | undefined): KnownIndex | undefined {
    return name && this.#facts.indexes.get(this.key(name))
  }

  /** Whether this change has dropped a table of this name. */
  wasDropped(name: TableName): boolean {
    return this.#facts.dropped.has(this.key(name))
  }

  /** The values that this change has added to enum types that were there before it. */
  get addedValues(): readonly AddedValue[] {
    return this.#facts.enumValues
  }

  /** Whether this change has created the enum type. */
  isNewEnum(name: TableName): boolean {
    return this.#facts.enums.has(this.key(name))
  }

  /** Takes in what a statement does. */
  apply({ node, transaction }: Statement): void {
    const { CreateStmt, CreateTableAsStmt, SelectStmt, AlterTableStmt, IndexStmt, DropStmt } = node
    if (CreateStmt !== undefined) {
      const table = this.#create(CreateStmt.relation)
      for (const element of CreateStmt.tableElts ?? []) {
        const { ColumnDef, Constraint } = asAny(element)
        if (ColumnDef !== undefined) this.#addColumn(table, declaredColumn(ColumnDef), transaction)
        if (Constraint !== undefined) this.#constrain(table, Constraint, transaction)
      }
    }
    const made = CreateTableAsStmt?.into ?? SelectStmt?.intoClause
    if (made !== undefined) this.#create(made.rel)
    if (AlterTableStmt !== undefined) this.#alter(node, transaction)
    if (IndexStmt !== undefined && IndexStmt.idxname !== undefined) {
      const table = tableOf(IndexStmt.relation)
      if (table === undefined) return
      const schema = this.key(table).split('.', 1)[0] ?? 'public'
      this.#facts.indexes.set(`${schema}.${IndexStmt.idxname}`, {
        table: this.key(table),
        columns: indexedColumns(IndexStmt.indexParams),
        isNew: true,
      })
    }
    if (DropStmt !== undefined) this.#drop(node)
    if (node.RenameStmt !== undefined) this.#rename(node)
    if (node.AlterObjectSchemaStmt !== undefined) this.#move(node)
    if (node.CreateEnumStmt !== undefined) {
      const type = nameOfList(node.CreateEnumStmt.typeName)
      if (type !== undefined) this.#facts.enums.add(this.key(type))
    }
    const { newVal: value, oldVal, typeName } = node.AlterEnumStmt ?? {}
    const type = nameOfList(typeName)
    if (
      value !== undefined &&
      oldVal === undefined &&
      type !== undefined &&
      !this.isNewEnum(type)
    ) {
      this.#facts.enumValues.push({ type, value, ...(transaction && { transaction }) })
    }
    const setting = node.VariableSetStmt
    if (setting?.name === 'search_path') {
      const path = (setting.args ?? []).flatMap((each) => constantOf(each) ?? [])
      const schemas = path.filter((schema) => schema !== '"$user"' && schema !== '$user')
      this.#facts.searchPath = schemas.length > 0 ? schemas : ['public']
    }
  }

  #create(relation: RangeVar | undefined): KnownTable {
    const name = tableOf(relation) ?? { name: '' }
    const table = { name, isNew: true, columns: new Map(), constraints: new Map() }
    const { searchPath } = this.#facts
    const key =
      name.schema === undefined ? `${searchPath[0] ?? 'public'}.${name.name}` : this.key(name)
    this.#facts.tables.set(key, table)
    return table
  }

  /** What is known of a table; a first mention makes it known. */
  #known(name: TableName): KnownTable {
    const known = this.table(name)
    if (known !== undefined) return known
    const table = { name, isNew: false, columns: new Map(), constraints: new Map() }
    this.#facts.tables.set(this.key(name), table)
    return table
  }

  #addColumn(
    table: KnownTable,
    column: DeclaredColumn,
    transaction: Transaction | undefined,
  ): void {
    const { default: value, identity, serial, generated, type, name } = column
    const each = identity || serial || generated !== undefined || (value && value.kind !== 'same')
    const filled = each ? 'each' : value === undefined ? 'null' : 'same'
    table.columns.set(name, { isNew: true, filled, ...(type && { type }) })
    const { checks, references } = column
    for (const each of references ? [...checks, references] : checks) {
      this.#constrain(table, each, transaction, name)
    }
  }

  #constrain(
    table: KnownTable,
    constraint: Constraint,
    transaction: Transaction | undefined,
    column?: string,
  ): void {
    const known = knownConstraint(constraint, table.name.name, column)
    table.constraints.set(known.name, { ...known, ...(transaction && { transaction }) })
  }

  #alter({ AlterTableStmt }: Statement['node'], transaction: Transaction | undefined): void {
    const name = tableOf(AlterTableStmt?.relation)
    if (name === undefined) return
    const table = this.#known(name)
    for (const node of AlterTableStmt?.cmds ?? []) {
      const command = asAny(node).AlterTableCmd
      const { ColumnDef, Constraint } = asAny(command?.def)
      const target = command?.name ?? ''
      switch (command?.subtype) {
        case 'AT_AddColumn':
          if (ColumnDef !== undefined)
            this.#addColumn(table, declaredColumn(ColumnDef), transaction)
          break
        case 'AT_DropColumn':
          table.columns.delete(target)
          break
        case 'AT_AlterColumnType': {
          const type = columnTypeOf(ColumnDef?.typeName)
          const before = table.columns.get(target)
          table.columns.set(target, { ...(before ?? { isNew: false }), ...(type && { type }) })
          break
        }
        case 'AT_AddConstraint':
          if (Constraint !== undefined) this.#constrain(table, Constraint, transaction)
          break
        case 'AT_ValidateConstraint': {
          const constraint = table.constraints.get(target)
          if (constraint !== undefined)
            table.constraints.set(target, { ...constraint, validated: true })
          break
        }
        case 'AT_DropConstraint':
          table.constraints.delete(target)
          break
        default:
      }
    }
  }

  #drop({ DropStmt }: Statement['node']): void {
    for (const object of DropStmt?.objects ?? []) {
      const name = tableOfList(object)
      if (name === undefined) continue
      const key = this.key(name)
      if (DropStmt?.removeType === 'OBJECT_TABLE') {
        // Only what others had is gone: a table of this very change leaves nobody without.
        if (!this.isNew(name)) this.#facts.dropped.add(key)
        this.#facts.tables.delete(key)
      } else if (DropStmt?.removeType === 'OBJECT_INDEX') {
        this.#facts.indexes.delete(key)
      }
    }
  }

  #rename({ RenameStmt }: Statement['node']): void {
    const name = tableOf(RenameStmt?.relation)
    const table = this.table(name)
    const { renameType, subname = '', newname = '' } = RenameStmt ?? {}
    if (table === undefined || name === undefined) return
    if (renameType === 'OBJECT_TABLE') this.#rekey(this.key(name), newname)
    const part =
      renameType === 'OBJECT_COLUMN'
        ? table.columns
        : renameType === 'OBJECT_TABCONSTRAINT'
          ? table.constraints
          : undefined
    const value = part?.get(subname)
    if (part === undefined || value === undefined) return
    part.delete(subname)
    ;(part as Map<string, unknown>).set(newname, value)
  }

  #move({ AlterObjectSchemaStmt }: Statement['node']): void {
    const name = tableOf(AlterObjectSchemaStmt?.relation)
    if (this.table(name) === undefined || name === undefined) return
    this.#rekey(this.key(name), name.name, AlterObjectSchemaStmt?.newschema)
  }

  #rekey(key: string, name: string, schema = key.slice(0, key.indexOf('.'))): void {
    const table = this.#facts.tables.get(key)
    if (table === undefined) return
    this.#facts.tables.delete(key)
    this.#facts.tables.set(`${schema}.${name}`, { ...table, name: { schema, name } })
  }
}
