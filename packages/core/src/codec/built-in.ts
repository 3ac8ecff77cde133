import { ArrayCodec } from './array.ts'
import {
  bigintCodec,
  booleanCodec,
  bytesCodec,
  digitsCodec,
  floatCodec,
  integerCodec,
  oidCodec,
  textCodec,
} from './basic.ts'
import { civilTimeCodec, dateCodec, zonedTimeCodec } from './civil.ts'
import type { Codec } from './codec.ts'
import { documentCodec } from './document.ts'
import { circleCodec, pointCodec } from './geometry.ts'
import { timestamptzCodec } from './instant.ts'
import { intervalCodec } from './interval.ts'
import { multirangeCodec, rangeCodec } from './range.ts'

/** A type that every PostgreSQL has under the same numbers. */
export interface BuiltIn {
  readonly oid: number
  readonly arrayOid: number
  readonly codec: Codec
  readonly arrayCodec: Codec
}

const builtIn = (oid: number, arrayOid: number, codec: Codec, delimiter = ','): BuiltIn => ({
  oid,
  arrayOid,
  codec,
  arrayCodec: new ArrayCodec(codec, { delimiter }),
})

/** The name in DDL of a built-in type. */
export type BuiltInName =
  | 'boolean'
  | 'bytea'
  | 'bigint'
  | 'smallint'
  | 'integer'
  | 'text'
  | 'oid'
  | 'json'
  | 'xml'
  | 'point'
  | 'lseg'
  | 'path'
  | 'box'
  | 'polygon'
  | 'line'
  | 'cidr'
  | 'real'
  | 'double precision'
  | 'circle'
  | 'macaddr8'
  | 'money'
  | 'macaddr'
  | 'inet'
  | 'char'
  | 'varchar'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'interval'
  | 'timetz'
  | 'bit'
  | 'varbit'
  | 'numeric'
  | 'uuid'
  | 'pg_lsn'
  | 'tsvector'
  | 'tsquery'
  | 'jsonb'
  | 'int4range'
  | 'numrange'
  | 'tsrange'
  | 'tstzrange'
  | 'daterange'
  | 'int8range'
  | 'jsonpath'
  | 'int4multirange'
  | 'nummultirange'
  | 'tsmultirange'
  | 'tstzmultirange'
  | 'datemultirange'
  | 'int8multirange'

/** The types of columns that every PostgreSQL has, by their names in DDL. */
export const BUILT_IN: Readonly<Record<BuiltInName, BuiltIn>> = {
  boolean: builtIn(16, 1000, booleanCodec),
  bytea: builtIn(17, 1001, bytesCodec),
  bigint: builtIn(20, 1016, bigintCodec),
  smallint: builtIn(21, 1005, integerCodec),
  integer: builtIn(23, 1007, integerCodec),
  text: builtIn(25, 1009, textCodec),
  oid: builtIn(26, 1028, oidCodec),
  json: builtIn(114, 199, documentCodec),
  xml: builtIn(142, 143, textCodec),
  point: builtIn(600, 1017, pointCodec),
  lseg: builtIn(601, 1018, textCodec),
  path: builtIn(602, 1019, textCodec),
  // The one type whose array is written with another delimiter.
  box: builtIn(603, 1020, textCodec, ';'),
  polygon: builtIn(604, 1027, textCodec),
  line: builtIn(628, 629, textCodec),
  cidr: builtIn(650, 651, textCodec),
  real: builtIn(700, 1021, floatCodec),
  'double precision': builtIn(701, 1022, floatCodec),
  circle: builtIn(718, 719, circleCodec),
  macaddr8: builtIn(774, 775, textCodec),
  money: builtIn(790, 791, textCodec),
  macaddr: builtIn(829, 1040, textCodec),
  inet: builtIn(869, 1041, textCodec),
  char: builtIn(1042, 1014, textCodec),
  varchar: builtIn(1043, 1015, textCodec),
  date: builtIn(1082, 1182, dateCodec),
  time: builtIn(1083, 1183, civilTimeCodec),
  timestamp: builtIn(1114, 1115, civilTimeCodec),
  timestamptz: builtIn(1184, 1185, timestamptzCodec),
  interval: builtIn(1186, 1187, intervalCodec),
  timetz: builtIn(1266, 1270, zonedTimeCodec),
  bit: builtIn(1560, 1561, textCodec),
  varbit: builtIn(1562, 1563, textCodec),
  numeric: builtIn(1700, 1231, digitsCodec),
  uuid: builtIn(2950, 2951, textCodec),
  pg_lsn: builtIn(3220, 3221, textCodec),
  tsvector: builtIn(3614, 3643, textCodec),
  tsquery: builtIn(3615, 3645, textCodec),
  jsonb: builtIn(3802, 3807, documentCodec),
  int4range: builtIn(3904, 3905, rangeCodec(integerCodec)),
  numrange: builtIn(3906, 3907, rangeCodec(digitsCodec)),
  tsrange: builtIn(3908, 3909, rangeCodec(civilTimeCodec)),
  tstzrange: builtIn(3910, 3911, rangeCodec(timestamptzCodec)),
  daterange: builtIn(3912, 3913, rangeCodec(dateCodec)),
  int8range: builtIn(3926, 3927, rangeCodec(bigintCodec)),
  jsonpath: builtIn(4072, 4073, textCodec),
  int4multirange: builtIn(4451, 6150, multirangeCodec(integerCodec)),
  nummultirange: builtIn(4532, 6151, multirangeCodec(digitsCodec)),
  tsmultirange: builtIn(4533, 6152, multirangeCodec(civilTimeCodec)),
  tstzmultirange: builtIn(4534, 6153, multirangeCodec(timestamptzCodec)),
  datemultirange: builtIn(4535, 6155, multirangeCodec(dateCodec)),
  int8multirange: builtIn(4536, 6157, multirangeCodec(bigintCodec)),
}

/** The built-in type that is written so in DDL, with or without length, precision and brackets. */
export function builtInNamed(type: string): BuiltIn | undefined {
  const name = type.replace(/\(.*\)|\[\]/g, '').trim()
  return Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name as BuiltInName] : undefined
}
