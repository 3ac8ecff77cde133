import fc from 'fast-check'
import * as c from '../src/columns.ts'
import type { Columns } from '../src/model/model.ts'
import {
  bits,
  bounded,
  byBigint,
  byDate,
  byNumber,
  byText,
  bytes,
  clock,
  dates,
  decimal,
  documents,
  evenDay,
  finiteInstants,
  float4,
  float8,
  grid,
  instants,
  int4,
  int8,
  intervals,
  list,
  multiranges,
  plainDay,
  plainDecimal,
  plainTimestamp,
  precise,
  ranges,
  small8,
  timestamps,
  uuids,
  words,
} from './random-values.ts'

/** A type of column on trial: values that have to come back as they were written. */
export interface ColumnKind {
  readonly column: Columns[string]
  readonly values: fc.Arbitrary<unknown>
}

const kind = <Select, Insert>(
  column: c.ArrayColumn<Select, Insert> | Columns[string],
  values: fc.Arbitrary<unknown>,
): ColumnKind => ({ column, values })

/** Makes what the kinds below need. */
export const TYPES = `create extension citext; create extension ltree; create extension hstore;
  create type mood as enum ('happy', 'with "quotes"', 'a,b', 'NULL');
  create domain amount as numeric; create domain label as text;`

const mood = () => c.enumeration('mood', ['happy', 'with "quotes"', 'a,b', 'NULL'])
const moods = fc.constantFrom('happy', 'with "quotes"', 'a,b', 'NULL')
const point = fc.record({ x: float8, y: float8 })

/** Every type of column, by a name for its table. */
export const COLUMN_KINDS: Readonly<Record<string, ColumnKind>> = {
  text: kind(c.text(), words),
  varchar: kind(c.varchar(200), words),
  char: kind(c.char(3), bits(3, 3)),
  citext: kind(c.citext(), words),
  uuid: kind(c.uuid(), uuids),
  boolean: kind(c.boolean(), fc.boolean()),
  smallint: kind(c.smallint(), bounded(16)),
  integer: kind(c.integer(), bounded(32)),
  bigint: kind(c.bigint(), int8),
  numeric: kind(c.numeric(), decimal),
  scaled: kind(
    c.numeric(8, 3),
    fc.integer({ min: 1, max: 99_999 }).map((n) => `${n}.125`),
  ),
  real: kind(c.real(), float4),
  double: kind(c.double(), float8),
  money: kind(
    c.money(),
    fc.integer({ min: 0, max: 999 }).map((n) => `$${n}.25`),
  ),
  date: kind(c.date(), dates),
  time: kind(c.time(), clock),
  timetz: kind(
    c.timetz(),
    clock.map((text) => `${text}-03:30`),
  ),
  timestamp: kind(c.timestamp(), timestamps),
  timestamptz: kind(c.timestamptz(), instants),
  precise: kind(c.timestamptz({ precise: true }), precise),
  interval: kind(c.interval(), intervals),
  bytea: kind(c.bytea(), bytes),
  json: kind(c.json<unknown>(), documents),
  jsonb: kind(c.jsonb<unknown>(), documents),
  enumeration: kind(mood(), moods),
  oneOf: kind(c.oneOf('a', 'b'), fc.constantFrom('a', 'b')),
  domainOfNumeric: kind(c.domain('amount', c.numeric()), decimal),
  domainOfText: kind(c.domain('label', c.text()), words),
  texts: kind(c.array(c.text().nullable()), list(words)),
  textGrid: kind(c.array(c.array(c.text().nullable())), grid(words)),
  varchars: kind(c.array(c.varchar(200)), list(words)),
  booleans: kind(c.array(c.boolean()), list(fc.boolean())),
  integers: kind(c.array(c.integer()), list(bounded(32))),
  bigints: kind(c.array(c.bigint()), list(int8)),
  numerics: kind(c.array(c.numeric()), list(decimal)),
  doubles: kind(c.array(c.double()), list(float8)),
  byteas: kind(c.array(c.bytea()), list(bytes)),
  datesArray: kind(c.array(c.date()), list(dates)),
  instants: kind(c.array(c.timestamptz()), list(instants)),
  preciseInstants: kind(c.array(c.timestamptz({ precise: true })), list(precise)),
  intervalsArray: kind(c.array(c.interval()), list(intervals)),
  documents: kind(c.array(c.jsonb<unknown>()), list(documents)),
  uuids: kind(c.array(c.uuid()), list(uuids)),
  moods: kind(c.array(mood()), list(moods)),
  moodGrid: kind(c.array(c.array(mood())), grid(moods)),
  domains: kind(c.array(c.domain('amount', c.numeric())), list(decimal)),
  citexts: kind(c.array(c.citext()), list(words)),
  points: kind(c.array(c.point()), list(point)),
  boxes: kind(c.array(c.box()), list(fc.constant('(3,4),(1,2)'))),
  rangesArray: kind(c.array(c.int4range()), list(ranges(int4, byNumber, true))),
  int4range: kind(c.int4range(), ranges(int4, byNumber, true)),
  int8range: kind(c.int8range(), ranges(small8, byBigint, true)),
  numrange: kind(c.numrange(), ranges(plainDecimal, byText, false)),
  daterange: kind(c.daterange(), ranges(plainDay, byText, true)),
  tsrange: kind(c.tsrange(), ranges(plainTimestamp, byText, false)),
  tstzrange: kind(c.tstzrange(), ranges(finiteInstants, byDate, false)),
  preciseRange: kind(
    c.tstzrange({ precise: true }),
    ranges(
      plainDay.map((text) => `${text}T12:00:00.000001Z`),
      byText,
      false,
    ),
  ),
  int4multirange: kind(
    c.int4multirange(),
    multiranges(
      int4.map((n) => Math.floor(n / 2) * 2),
      byNumber,
    ),
  ),
  int8multirange: kind(
    c.int8multirange(),
    multiranges(
      small8.map((n) => (n / 2n) * 2n),
      byBigint,
    ),
  ),
  nummultirange: kind(c.nummultirange(), multiranges(plainDecimal, byText)),
  datemultirange: kind(c.datemultirange(), multiranges(evenDay, byText)),
  tsmultirange: kind(c.tsmultirange(), multiranges(plainTimestamp, byText)),
  tstzmultirange: kind(c.tstzmultirange(), multiranges(finiteInstants, byDate)),
  preciseMultirange: kind(
    c.tstzmultirange({ precise: true }),
    multiranges(
      plainDay.map((text) => `${text}T12:00:00.000001Z`),
      byText,
    ),
  ),
  inet: kind(
    c.inet(),
    fc.oneof(fc.ipV4(), fc.constantFrom('::1', '10.1.2.3/8', '2001:db8::ff00:42:8329')),
  ),
  cidr: kind(c.cidr(), fc.constantFrom('10.0.0.0/8', '192.168.1.0/24', '2001:db8::/32')),
  macaddr: kind(c.macaddr(), fc.constant('08:00:2b:01:02:03')),
  macaddr8: kind(c.macaddr8(), fc.constant('08:00:2b:01:02:03:04:05')),
  bit: kind(c.bit(5), bits(5, 5)),
  varbit: kind(c.varbit(9), bits(0, 9)),
  point: kind(c.point(), point),
  line: kind(c.line(), fc.constant('{1,-1,0}')),
  lseg: kind(c.lseg(), fc.constant('[(1,2),(3,4)]')),
  box: kind(c.box(), fc.constant('(3,4),(1,2)')),
  path: kind(c.path(), fc.constantFrom('((1,2),(3,4))', '[(1,2),(3,4)]')),
  polygon: kind(c.polygon(), fc.constant('((1,2),(3,4),(5,0))')),
  circle: kind(
    c.circle(),
    fc.record({ x: float8, y: float8, radius: fc.double({ min: 0, noNaN: true }) }),
  ),
  xml: kind(c.xml(), fc.constantFrom('<a b="c">d</a>', 'text')),
  tsvector: kind(c.tsvector(), fc.constantFrom("'a' 'b':1,2A", "'it''s'")),
  tsquery: kind(c.tsquery(), fc.constantFrom("'a' & !'b'", "'a' <-> 'b'")),
  jsonpath: kind(c.jsonpath(), fc.constant('$."a"[*]?(@ > 1)')),
  ltree: kind(c.ltree(), fc.constantFrom('Top.Science', '')),
  hstore: kind(c.hstore(), fc.dictionary(words, fc.option(words), { maxKeys: 5 })),
  pgLsn: kind(c.pgLsn(), fc.constant('16/B374D848')),
  oid: kind(
    c.oid(),
    fc.nat({ max: 2 ** 31 - 1 }).map((n) => n * 2),
  ),
  oids: kind(c.array(c.oid()), list(fc.nat({ max: 2 ** 31 - 1 }))),
  int2vector: kind(c.int2vector(), fc.array(bounded(16), { maxLength: 5 })),
  oidvector: kind(c.oidvector(), fc.array(fc.nat({ max: 2 ** 31 - 1 }), { maxLength: 5 })),
  custom: kind(
    c.custom<URL>('text', {
      decode: (text) => new URL(text),
      encode: (url) => url.href,
      inJson: 'text',
    }),
    fc.webUrl().map((url) => new URL(url)),
  ),
}
