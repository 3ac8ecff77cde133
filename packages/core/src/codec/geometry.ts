import { numberText } from './basic.ts'
import type { Codec } from './codec.ts'
import { refusal } from './refusal.ts'

/** A point of the plane. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A circle around a point. */
export interface Circle extends Point {
  readonly radius: number
}

/** Points `(x,y)`. */
export const pointCodec: Codec = {
  decode: (text) => {
    const [x, y] = numbersIn(text)
    return { x, y }
  },
  encode: (value) => {
    if (typeof value !== 'object' || value === null) return value
    const { x, y } = value as Partial<Point>
    return pointText(x, y)
  },
  inJson: 'text',
}

/** Circles `<(x,y),radius>`. */
export const circleCodec: Codec = {
  decode: (text) => {
    const [x, y, radius] = numbersIn(text)
    return { x, y, radius }
  },
  encode: (value) => {
    if (typeof value !== 'object' || value === null) return value
    const { x, y, radius } = value as Partial<Circle>
    return `<${pointText(x, y)},${coordinate(radius)}>`
  },
  inJson: 'text',
}

function pointText(x: unknown, y: unknown): string {
  return `(${coordinate(x)},${coordinate(y)})`
}

function coordinate(value: unknown): string {
  if (typeof value !== 'number') throw refusal('a coordinate is a number')
  return numberText(value)
}

function numbersIn(text: string): number[] {
  return text
    .replace(/[<>()]/g, '')
    .split(',')
    .map(Number)
}
