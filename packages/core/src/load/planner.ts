import { JoinNode, type OperationNode, type SelectQueryNode } from 'kysely'
import type { Codec } from '../codec/codec.ts'
import type { Columns } from '../model/model.ts'
import { type Choice, chooseStrategy, type Level } from './choose-strategy.ts'
import { Aliases, aggregateOf, bodyOf, type EdgeBody } from './edge-body.ts'
import type { EdgeNode } from './edge-node.ts'
import type { KeyCell, Member, RowShape } from './row-shape.ts'
import { EdgeScope, edgeSelect, joinsOf, type Scope } from './scope.ts'
import { allEqual, call, columnOf, literal, named, selectOf, unary } from './select-nodes.ts'
import { ArraySink, FlatSink, type Sink } from './sink.ts'

/** Where rows are put together of which edges are loaded. */
export interface Place {
  readonly scope: Scope
  readonly sink: Sink
  /** The joins of the select; a place for each is taken before it is complete. */
  readonly joins: (JoinNode | undefined)[]
  readonly level: Level
  /** The statement that it belongs to. */
  readonly statement: number
  readonly path: readonly number[]
  readonly names: readonly string[]
}

/** A statement that brings the rows of one edge for all parents. */
export interface EdgeStatement {
  readonly node: SelectQueryNode
  /** Undefined: its rows are values. */
  readonly shape: RowShape | undefined
  readonly value: { readonly cell: number; readonly codec: Codec } | undefined
  readonly link: readonly KeyCell[]
  readonly linkCodecs: readonly Codec[]
  readonly attach: Attach
}

/** To which rows of which statement those of another are attached. */
export interface Attach {
  readonly parent: number
  /** Which of the rows there that wait. */
  readonly waiting: number
  readonly as: string
  readonly many: boolean
}

/** An edge whose statement cannot be made before its parents are there. */
export interface Postponed {
  readonly path: readonly number[]
  readonly attach: Attach
}

/** How an edge is loaded. */
export interface EdgeNote extends Choice {
  readonly edge: string
  /** Which statement brings it; undefined if none does, or a later flight. */
  readonly statement: number | undefined
}

const asText: Codec = { decode: (text) => text, inJson: 'text' }
const asJson: Codec = { decode: JSON.parse, inJson: 'as is' }
const flag: Codec = { decode: (text) => text === 't', inJson: 'as is' }
/** A group has a row at least. */
const always: Codec = { decode: () => true, inJson: 'as is' }
const counted: Codec = { decode: Number, inJson: 'as is' }

/** Makes the statements of a load out of its edges. */
export class Planner {
  readonly #aliases = new Aliases()
  readonly #statements = new Map<number, EdgeStatement>()
  readonly postponed: Postponed[] = []
  readonly notes: EdgeNote[] = []
  readonly #waiting: number[] = []
  #last: number

  /** @param last the number of the last statement that there is already */
  constructor(last: number) {
    this.#last = last
  }

  /** In the order of their numbers, which begin behind those of the statements that there are already: parents come first. */
  get statements(): readonly EdgeStatement[] {
    return [...this.#statements].sort(([one], [other]) => one - other).map(([, one]) => one)
  }

  /** What rows at this place have besides their columns. */
  members(edges: readonly EdgeNode[], place: Place): Pick<RowShape, 'members' | 'raised'> {
    const members: Member[] = []
    const raised: string[] = []
    for (const [at, edge] of edges.entries()) {
      const choice = chooseStrategy(edge, place.level)
      const here = {
        ...place,
        path: [...place.path, at],
        names: [...place.names, edge.as],
      }
      if (choice.strategy === 'raise') raised.push(edge.as)
      else members.push(this.#member(edge, choice, here))
      if (choice.strategy !== 'selectin')
        this.#note(here.names, choice, choice.strategy === 'raise' ? undefined : place.statement)
    }
    return { members, raised }
  }

  #note(names: readonly string[], choice: Choice, statement: number | undefined): void {
    this.notes.push({ edge: names.join('.'), ...choice, statement })
  }

  #member(edge: EdgeNode, choice: Choice, place: Place): Member {
    if (choice.strategy === 'selectin') return this.#later(edge, choice, place)
    if (edge.fn !== undefined) return this.#aggregate(edge, place)
    return choice.strategy === 'joined' ? this.#joined(edge, place) : this.#nested(edge, place)
  }

  /** One row or several as JSON, by a select inside of the select. */
  #nested(edge: EdgeNode, place: Place): Member {
    const body = bodyOf(edge, this.#aliases)
    const sink = new ArraySink()
    const row = this.#row(edge, body, { ...place, sink, level: { ...place.level, rows: 'json' } })
    const node = edge.isList
      ? this.#listOf(edge, body, place, sink)
      : firstOf(edge, body, place, sink)
    const cell = place.sink.add({ node, codec: asJson })
    const { chunked } = sink
    return { kind: 'nested', name: edge.as, cell, many: edge.isList, chunked, row }
  }

  #listOf(edge: EdgeNode, body: EdgeBody, { scope }: Place, { node }: ArraySink): OperationNode {
    const { from, orderBy } = body
    const rows = selectOf({
      from,
      joins: joinsOf(body),
      where: [tied(edge, body, scope)],
      select: [named(node, 'row')],
      orderBy,
      limit: edge.limit,
    })
    const alias = this.#aliases.next()
    const list = call('coalesce', call('json_agg', columnOf(alias, 'row')), literal('[]'))
    return selectOf({ from: named(rows, alias), select: [list] })
  }

  /** A number or a flag by a select inside of the select. */
  #aggregate(edge: EdgeNode, { scope, sink }: Place): Member {
    const body = bodyOf(edge, this.#aliases)
    const { from } = body
    const clauses = { from, joins: joinsOf(body), where: [tied(edge, body, scope)] }
    const node =
      edge.fn === 'exists'
        ? unary('exists', selectOf({ ...clauses, select: [literal(1)] }))
        : selectOf({ ...clauses, select: [aggregateOf(edge, body)] })
    const codec = codecOf(edge)
    return { kind: 'scalar', name: edge.as, cell: sink.add({ node, codec }), codec }
  }

  /** A row of the same select, by a join that its columns are prefixed in, so that no name of the query's becomes ambiguous. */
  #joined(edge: EdgeNode, place: Place): Member {
    const { joins, scope: parents } = place
    const body = bodyOf(edge, this.#aliases)
    const alias = this.#aliases.next()
    const exposed = new Map<string, OperationNode>()
    const column = (name: string) => {
      exposed.set(name, named(body.column(name), `${alias}$${name}`))
      return columnOf(alias, `${alias}$${name}`)
    }
    const scope = new EdgeScope(edge, parents, { aliases: this.#aliases, column })
    const at = joins.push(undefined) - 1
    const { link } = edge
    const { sink } = place
    const present = sink.add({
      node: column(link.foreign[0] as string),
      codec: codecOfColumn(edge, link.foreign[0] as string),
      identity: scope.identity(link.foreign[0] as string),
    })
    const row = this.#rowIn(edge, body, { ...place, scope })
    const own = link.own.map((name) => parents.column(name))
    const { from, orderBy } = body
    const select = () => [...exposed.values()]
    if (edge.isUnique) {
      const on = allEqual(link.foreign.map(column), own)
      const rows = named(selectOf({ from, joins: joinsOf(body), select: select() }), alias)
      joins[at] = JoinNode.createWithOn('LeftJoin', rows, on)
    } else {
      const where = [allEqual(body.link, own)]
      const first = { from, joins: joinsOf(body), where, select: select(), orderBy, limit: 1 }
      joins[at] = JoinNode.createWithOn(
        'LateralLeftJoin',
        named(selectOf(first), alias),
        literal(true),
      )
    }
    return { kind: 'joined', name: edge.as, present, row }
  }

  /** Rows of a statement of their own. */
  #later(edge: EdgeNode, choice: Choice, place: Place): Member {
    const { level } = place
    const { link, as, empty } = edge
    const own = link.own.map((name) => this.#keyCell(name, place))
    const waiting = this.#waiting[place.statement] ?? 0
    this.#waiting[place.statement] = waiting + 1
    const attach = { parent: place.statement, waiting, as, many: edge.isList }
    if (level.rows !== 'hand' && level.unrepeatable !== undefined) {
      this.postponed.push({ path: place.path, attach })
      const why = `${choice.why}; ${level.unrepeatable}, so that the keys of its rows are sent`
      this.#note(place.names, { ...choice, why }, undefined)
    } else {
      this.statement(edge, attach, { ...place, choice })
    }
    return { kind: 'later', name: as, many: edge.isList, empty, own }
  }

  /** Adds the statement that brings an edge for the rows of a scope. */
  statement(
    edge: EdgeNode,
    attach: Attach,
    place: Pick<Place, 'scope' | 'level' | 'path' | 'names'> & { readonly choice: Choice },
  ): number {
    this.#last += 1
    const number = this.#last
    this.#note(place.names, place.choice, number)
    const { scope: parents } = place
    const body = bodyOf(edge, this.#aliases)
    const sink = new FlatSink()
    const { link } = edge
    const linkModel = link.through?.model ?? link.target
    const linkCodecs = link.foreign.map(
      (name) => linkModel.columns[name]?.definition.codec ?? asText,
    )
    const keys = () =>
      body.link.map((node, at) => {
        const name = link.foreign[at] as string
        const type = linkModel.columns[name]?.definition.type ?? 'text'
        return { cell: sink.add({ node, codec: asText, name }), type }
      })
    const common = { edge, body, parents, aliases: this.#aliases }
    if (edge.fn !== undefined) {
      const codec = edge.fn === 'exists' ? always : codecOf(edge)
      const value = {
        cell: sink.add({ node: aggregateOf(edge, body), codec, name: 'value' }),
        codec,
      }
      const links = keys()
      const node = edgeSelect({ ...common, select: sink.selections, groupBy: body.link })
      this.#statements.set(number, {
        node,
        shape: undefined,
        value,
        link: links,
        linkCodecs,
        attach,
      })
      return number
    }
    const column = body.column
    const scope = new EdgeScope(edge, parents, { aliases: this.#aliases, column })
    const level: Level = {
      ...place.level,
      rows: 'statement',
      locks: false,
      unrepeatable: edge.unrepeatable,
    }
    const inner = { ...place, scope, sink, joins: body.joins, level, statement: number }
    const shape = this.#rowIn(edge, body, inner)
    const links = keys()
    const node = edgeSelect({ ...common, select: sink.selections, ordered: true })
    this.#statements.set(number, { node, shape, value: undefined, link: links, linkCodecs, attach })
    return number
  }

  /** The shape of an edge's row at a place whose scope is that of its parents. */
  #row(edge: EdgeNode, body: EdgeBody, place: Place): RowShape {
    const { column } = body
    const scope = new EdgeScope(edge, place.scope, { aliases: this.#aliases, column })
    return this.#rowIn(edge, body, { ...place, scope, joins: body.joins })
  }

  #rowIn(edge: EdgeNode, body: EdgeBody, place: Place): RowShape {
    const { scope, sink } = place
    const { target, through } = edge.link
    const names = edge.columns ?? shownColumns(target.columns)
    const columns = names.map((name) => {
      const codec = codecOfColumn(edge, name)
      const identity = scope.identity(name)
      return { name, codec, cell: sink.add({ node: scope.column(name), codec, identity, name }) }
    })
    const { members, raised } = this.members(edge.edges, place)
    if (edge.pivot === undefined || through === undefined) return { columns, members, raised }
    const pivots = edge.pivot.map((name) => {
      const codec = through.model.columns[name]?.definition.codec ?? asText
      return { name, codec, cell: sink.add({ node: body.pivot(name), codec, name }) }
    })
    const pivot: Member = {
      kind: 'inline',
      name: 'pivot',
      row: { columns: pivots, members: [], raised: [] },
    }
    return { columns, members: [pivot, ...members], raised }
  }

  #keyCell(name: string, { scope, sink }: Place): KeyCell {
    const { codec, type } = scope.model.columns[name]?.definition ?? { codec: asText, type: 'text' }
    const identity = scope.identity(name)
    return { cell: sink.add({ node: scope.column(name), codec, identity, name }), type }
  }
}

/** One row as JSON. */
function firstOf(
  edge: EdgeNode,
  body: EdgeBody,
  { scope }: Place,
  { node }: ArraySink,
): OperationNode {
  const { from, orderBy } = body
  const where = [tied(edge, body, scope)]
  const first = edge.isUnique ? {} : { orderBy, limit: 1 }
  return selectOf({ from, joins: joinsOf(body), where, select: [node], ...first })
}

/** What ties the rows of an edge to one parent. */
function tied({ link }: EdgeNode, body: EdgeBody, parents: Scope): OperationNode {
  const own = link.own.map((name) => parents.column(name))
  return allEqual(body.link, own)
}

function shownColumns(columns: Columns): readonly string[] {
  return Object.keys(columns).filter((name) => columns[name]?.definition.hidden !== true)
}

function codecOfColumn({ link }: EdgeNode, name: string): Codec {
  return link.target.columns[name]?.definition.codec ?? asText
}

function codecOf(edge: EdgeNode): Codec {
  switch (edge.fn) {
    case 'count':
      return counted
    case 'exists':
      return flag
    case 'sum':
      return asText
    default:
      return codecOfColumn(edge, edge.column ?? '')
  }
}
