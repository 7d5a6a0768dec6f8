// Reads query parameters other than paging and ordering. They are fields, as those of a body are.

import { Type as t } from '@sinclair/typebox'
import { type Field, FieldError, type ReadContext } from '../resource/fields'
import { type Body, readBody, type Shape } from '../resource/shapes'
import { queryOf, type RequestLike, searchOf } from './links'

/**
 * Reads the parameters that `shape` defines. Parameters without a value are ignored: a form sends all its fields.
 *
 * @throws Invalid with the first fault of each parameter.
 */
export function readQuery<S extends Shape>(shape: S, request: RequestLike, context: ReadContext): Body<S> {
  const given: Record<string, string | string[]> = {}
  for (const [name, value] of searchOf(request)) {
    if (value === '' || !Object.hasOwn(shape, name)) continue
    given[name] = shape[name]?.isRepeated ? [...(given[name] ?? []), value] : value
  }
  return readBody(shape, given, context)
}

/** The parameters as OpenAPI describes them. */
export function parametersOf(shape: Shape): object[] {
  return Object.entries(shape).map(([name, { schema, isRepeated }]) => {
    const { description, ...plain } = schema
    const parameter = { name, in: 'query', description }
    return isRepeated
      ? { ...parameter, schema: { type: 'array', items: plain }, style: 'form', explode: true }
      : { ...parameter, schema: plain }
  })
}

/** The same field with a description of its own. */
export function withDescription<T>(description: string, field: Field<T>): Field<T> {
  return { ...field, schema: { ...field.schema, description } }
}

/**
 * A field that takes one of several keywords, in any case.
 *
 * @param noun  what the error message calls such a keyword.
 */
export function keyword<T>(known: Readonly<Record<string, T>>, noun: string): Field<T> {
  const meanings = new Map(Object.entries(known).map(([name, meaning]) => [name.toLowerCase(), meaning]))
  const names = Object.keys(known)
  const others = names.slice(0, -1).join(', ')
  return {
    schema: t.String({ description: names.join(', ') }),
    read(value) {
      const meaning = meanings.get(String(value).trim().toLowerCase())
      if (meaning !== undefined) return meaning
      throw new FieldError(
        `"${value}" is no ${noun}: use ${others === '' ? '' : `${others} or `}${names.at(-1)}.`,
      )
    },
  }
}

/** A field that takes several keywords, separated by commas. */
export function keywords<T>(known: Readonly<Record<string, T>>, noun: string): Field<T[]> {
  const one = keyword(known, noun)
  return {
    schema: one.schema,
    read(value, context) {
      const given = String(value).split(',')
      return given.filter((part) => part.trim() !== '').map((part) => one.read(part.trim(), context))
    },
  }
}

export function integer({ min, max }: { min: number; max: number }): Field<number> {
  return {
    schema: t.Integer({ minimum: min, maximum: max }),
    read(value) {
      if (!/^[+-]?\d{1,15}$/.test(String(value))) throw new FieldError('A valid integer is required.')
      const number = Number(value)
      if (number < min) throw new FieldError(`Ensure this value is greater than or equal to ${min}.`)
      if (number > max) throw new FieldError(`Ensure this value is less than or equal to ${max}.`)
      return number
    },
  }
}

/** The names in a comma-separated parameter. Unknown names have no effect. */
export function namesIn(request: RequestLike, parameter: 'omit' | 'include'): Set<string> {
  return new Set(queryOf(request).get(parameter)?.split(','))
}

export function includeParameter(...known: string[]) {
  return {
    name: 'include',
    in: 'query',
    description: `What to show besides, separated by commas: ${known.join(', ')}`,
    schema: { type: 'string' },
  }
}
