/** How the rows of two models belong together, seen from the one that declares it. */
export type RelationKind = 'belongsTo' | 'hasOne' | 'hasMany' | 'manyToMany'

/** What the database does to the referring rows. */
export type ReferentialAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'

/**
 * A relation of a model to another one, or to itself. Models are named, so that files need not import each other.
 *
 * `own` are columns of the declaring model, `foreign` those of the target that hold equal values; through a third model each of them is
 * paired with its columns. Empty means: the primary key of that model.
 */
export interface Relation<
  Kind extends RelationKind = RelationKind,
  Target extends string = string,
  Own extends string = string,
  Foreign extends string = string,
  Through extends string = string,
> {
  readonly kind: Kind
  readonly target: Target
  readonly own: readonly Own[]
  readonly foreign: readonly Foreign[]
  readonly through: Bridge<Through> | undefined
  /** The foreign key of a `belongsTo`; undefined if the database is not to hold one. */
  readonly constraint: ForeignKeyRule | undefined
}

/** The model between the two of a many-to-many relation. */
export interface Bridge<Through extends string = string> {
  readonly model: Through
  /** Its columns that refer to the declaring model. */
  readonly from: readonly string[]
  /** Its columns that refer to the target. */
  readonly to: readonly string[]
}

/** What the foreign key of a relation does. */
export interface ForeignKeyRule {
  readonly onDelete: ReferentialAction
  readonly onUpdate: ReferentialAction
  readonly deferrable: boolean
}

/** The relations of a model, by their names. */
export type Relations = Readonly<Record<string, Relation>>

/** One column or several that are compared together. */
export type KeyColumns<Name extends string> = Name | readonly Name[]

/** How a `belongsTo` is kept by the database. */
export interface BelongsToOptions<Foreign extends string> extends Partial<ForeignKeyRule> {
  /** The columns of the target. @default its primary key */
  readonly references?: KeyColumns<Foreign>
  /** `false` leaves the foreign key out of the schema. @default true */
  readonly constraint?: boolean
}

const NO_ACTION: ForeignKeyRule = {
  onDelete: 'no action',
  onUpdate: 'no action',
  deferrable: false,
}

/** Many rows of this model refer to one of the target by `foreignKey`, columns of this model. */
export function belongsTo<
  const Target extends string,
  const Own extends string,
  const Foreign extends string = never,
>(
  target: Target,
  foreignKey: KeyColumns<Own>,
  options: BelongsToOptions<Foreign> = {},
): Relation<'belongsTo', Target, Own, NoInfer<Foreign>, never> {
  const { references, constraint = true, ...rule } = options
  return Object.freeze({
    kind: 'belongsTo' as const,
    target,
    own: listOf(foreignKey),
    foreign: listOf(references),
    through: undefined,
    constraint: constraint ? { ...NO_ACTION, ...rule } : undefined,
  })
}

/** How the other side of a reference is found. */
export interface HasOptions<Own extends string> {
  /** The columns of this model that are referred to. @default its primary key */
  readonly references?: KeyColumns<Own>
}

/** Many rows of the target refer to one of this model by `foreignKey`, columns of the target. */
export function hasMany<
  const Target extends string,
  const Foreign extends string,
  const Own extends string = never,
>(
  target: Target,
  foreignKey: KeyColumns<Foreign>,
  options: HasOptions<Own> = {},
): Relation<'hasMany', Target, NoInfer<Own>, Foreign, never> {
  return has('hasMany', target, foreignKey, options)
}

/** At most one row of the target refers to one of this model by `foreignKey`, columns of the target. */
export function hasOne<
  const Target extends string,
  const Foreign extends string,
  const Own extends string = never,
>(
  target: Target,
  foreignKey: KeyColumns<Foreign>,
  options: HasOptions<Own> = {},
): Relation<'hasOne', Target, NoInfer<Own>, Foreign, never> {
  return has('hasOne', target, foreignKey, options)
}

/** The third model of a many-to-many relation, and its columns that refer to both sides. */
export interface ManyToManyOptions<Through extends string> {
  readonly through: Through
  /** Columns of `through` that refer to the primary key of this model. */
  readonly from: KeyColumns<string>
  /** Columns of `through` that refer to the primary key of the target. */
  readonly to: KeyColumns<string>
}

/** Rows of both models are paired by rows of a third one. The target may be this model itself, as in followers. */
export function manyToMany<const Target extends string, const Through extends string>(
  target: Target,
  { through, from, to }: ManyToManyOptions<Through>,
): Relation<'manyToMany', Target, never, never, Through> {
  return Object.freeze({
    kind: 'manyToMany' as const,
    target,
    own: [],
    foreign: [],
    through: { model: through, from: listOf(from), to: listOf(to) },
    constraint: undefined,
  })
}

function has<
  Kind extends 'hasOne' | 'hasMany',
  Target extends string,
  Foreign extends string,
  Own extends string,
>(
  kind: Kind,
  target: Target,
  foreignKey: KeyColumns<Foreign>,
  { references }: HasOptions<Own>,
): Relation<Kind, Target, Own, Foreign, never> {
  return Object.freeze({
    kind,
    target,
    own: listOf(references),
    foreign: listOf(foreignKey),
    through: undefined,
    constraint: undefined,
  })
}

function listOf<Name extends string>(names: KeyColumns<Name> | undefined): readonly Name[] {
  if (names === undefined) return []
  return Object.freeze(typeof names === 'string' ? [names] : [...names])
}
