import type {
  DeleteQueryNode,
  InsertQueryNode,
  JoinNode,
  MergeQueryNode,
  OperationNode,
  SelectQueryNode,
  UpdateQueryNode,
  ValueNode,
  WithNode,
} from 'kysely'
import { BinaryOperationNode, FromNode, OperatorNode, UsingNode, WhereNode } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import { inserting } from './inserts.ts'
import { marksOf, withoutMarks } from './marks.ts'
import { behavioursOf, columnOf, nodeOf, type Pass, type Scene } from './pass.ts'
import { filtered, scopedSources } from './scoped-sources.ts'
import { ctesOf, isQuery, sourceOf } from './sources.ts'
import { both, mapChildren } from './tree.ts'
import { versionOf } from './version-check.ts'
import { keeping, type Target, updating } from './writes.ts'

const NOTHING: ReadonlySet<string> = new Set()

/** The queries that change rows which are there. */
const VERSIONED = new Set(['UpdateQueryNode', 'DeleteQueryNode'])

/** A tree in which every query follows the behaviours of the models that it names. */
export function withBehaviours<N extends OperationNode>(root: N, pass: Pass): N {
  return node(root, pass, { hidden: NOTHING, lifted: NOTHING }) as N
}

function node(one: OperationNode, pass: Pass, scene: Scene, isRoot = true): OperationNode {
  if (isQuery(one)) return query(one, pass, scene, isRoot)
  return mapChildren(one, (child) => node(child, pass, scene, false))
}

function query(asked: OperationNode, pass: Pass, around: Scene, isRoot: boolean): OperationNode {
  const { unscoped, hard, version } = marksOf(asked)
  if (version !== undefined && !(isRoot && VERSIONED.has(asked.kind))) throw nestedVersion()
  assertKnown(unscoped, pass)
  const lifted = unscoped.length === 0 ? around.lifted : new Set([...around.lifted, ...unscoped])
  const ctes = ctesOf(asked)
  const hidden = ctes.length === 0 ? around.hidden : new Set([...around.hidden, ...ctes])
  const scene = { hidden, lifted }
  const inside = mapChildren(withoutMarks(asked), (child) =>
    child.kind === 'WithNode'
      ? withClause(child as WithNode, pass, { hidden: around.hidden, lifted })
      : node(child, pass, scene, false),
  )
  switch (inside.kind) {
    case 'SelectQueryNode':
      return selecting(inside as SelectQueryNode, pass, scene)
    case 'InsertQueryNode':
      return insert(inside as InsertQueryNode, pass, scene)
    case 'UpdateQueryNode':
      return update(inside as UpdateQueryNode, pass, scene, version)
    case 'DeleteQueryNode':
      return remove(inside as DeleteQueryNode, pass, scene, { hard, version })
    default:
      return merge(inside as MergeQueryNode, pass, scene)
  }
}

/** In a CTE those before it are known, and of a recursive clause all. */
function withClause(clause: WithNode, pass: Pass, around: Scene): WithNode {
  const names = clause.expressions.map(({ name }) => name.table.table.identifier.name)
  return {
    ...clause,
    expressions: clause.expressions.map((cte, at) => {
      const known = clause.recursive === true ? names : names.slice(0, at)
      const scene = { ...around, hidden: new Set([...around.hidden, ...known]) }
      return { ...cte, expression: node(cte.expression, pass, scene, false) }
    }),
  }
}

function selecting(select: SelectQueryNode, pass: Pass, scene: Scene): SelectQueryNode {
  const { from, joins, where } = select
  if (from === undefined) return select
  const scoped = scopedSources(from.froms, joins, pass, scene)
  if (scoped.froms === from.froms) return select
  return { ...select, ...read(scoped, where), from: FromNode.create(scoped.froms) }
}

function insert(insertion: InsertQueryNode, pass: Pass, scene: Scene): InsertQueryNode {
  const target = targetOf(insertion.into, pass)
  return target === undefined ? insertion : inserting(insertion, target, pass, scene)
}

function update(
  change: UpdateQueryNode,
  pass: Pass,
  scene: Scene,
  version: ValueNode | undefined,
): UpdateQueryNode {
  const { from, joins, where } = change
  const target = targetOf(change.table, pass)
  const scoped = scopedSources(from?.froms ?? [], joins, pass, scene)
  const own = conditionsOf(target, pass, scene, version)
  const made = {
    ...change,
    ...read({ ...scoped, where: [...scoped.where, ...own] }, where),
    ...(from && { from: FromNode.create(scoped.froms) }),
  }
  return target === undefined ? made : updating(made, target, pass, scene)
}

interface HowToDelete {
  readonly hard: boolean
  readonly version: ValueNode | undefined
}

function remove(
  deletion: DeleteQueryNode,
  pass: Pass,
  scene: Scene,
  { hard, version }: HowToDelete,
): DeleteQueryNode | UpdateQueryNode {
  const { using, joins, where } = deletion
  const target = targetOf(deletion.from.froms[0], pass)
  const scoped = scopedSources(using?.tables ?? [], joins, pass, scene)
  const own = conditionsOf(target, pass, scene, version)
  const made = {
    ...deletion,
    ...read({ ...scoped, where: [...scoped.where, ...own] }, where),
    ...(using && { using: UsingNode.create(scoped.froms) }),
  }
  return (!hard && target !== undefined && keeping(made, target)) || made
}

/** A hidden row is not matched, so that MERGE would take it for one that is not there: models with rules stand in its source alone. */
function merge(merging: MergeQueryNode, pass: Pass, scene: Scene): MergeQueryNode {
  const target = targetOf(merging.into, pass)
  if (target !== undefined && behavioursOf(target.model).length > 0) {
    throw new UsageError(
      'BEHAVIOUR_MERGE',
      `MERGE does not follow the behaviours of ${target.model.name}: insert with onConflict, update and delete`,
    )
  }
  const { using } = merging
  if (using === undefined) return merging
  return { ...merging, using: { ...using, table: filtered(using.table, pass, scene) } }
}

/** Which rows of the written table are seen. */
function conditionsOf(
  target: Target | undefined,
  pass: Pass,
  scene: Scene,
  version: ValueNode | undefined,
): OperationNode[] {
  if (target === undefined) {
    if (version !== undefined) versionOf(undefined)
    return []
  }
  const scopes = pass.scopesOf(target.model, target.name, scene)
  if (version === undefined) return scopes
  const column = nodeOf(columnOf(target.name, versionOf(target.model)))
  return [...scopes, BinaryOperationNode.create(column, OperatorNode.create('='), version)]
}

interface Reading {
  readonly joins: readonly JoinNode[] | undefined
  readonly where: readonly OperationNode[]
}

function read({ joins, where }: Reading, theirs: WhereNode | undefined) {
  const condition = both(theirs?.where, where)
  return {
    ...(joins && { joins }),
    ...(condition && { where: condition === theirs?.where ? theirs : WhereNode.create(condition) }),
  }
}

/** What is written to is a table whatever CTE has its name. */
function targetOf(written: OperationNode | undefined, pass: Pass): Target | undefined {
  if (written === undefined) return undefined
  const source = sourceOf(written, pass.models, NOTHING)
  return source.model === undefined ? undefined : (source as Target)
}

function assertKnown(names: readonly string[], { models }: Pass): void {
  for (const name of names) {
    const isScope = ({ behaviour }: ReturnType<typeof behavioursOf>[number]) =>
      behaviour.name === name && behaviour.scope !== undefined
    if ([...models.values()].some((model) => behavioursOf(model).some(isScope))) continue
    throw new UsageError(
      'UNSCOPED_UNKNOWN',
      `no model of this engine has a scope '${name}' that unscoped() could lift`,
    )
  }
}

function nestedVersion(): UsageError {
  return new UsageError(
    'VERSION_NESTED',
    'atVersion() is for an update or delete that is a query of its own: inside of another one nobody sees whether it changed a row',
  )
}
