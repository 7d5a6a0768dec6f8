// The schemas of the OpenAPI document, made into what checks a value and says where it differs.

import { type TSchema, Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'

/** What is used of JSON Schema. */
export interface Schema {
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  patternProperties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  const?: string | number | boolean
  enum?: (string | number | boolean)[]
  format?: string
  pattern?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  description?: string
}

/** As patterns: TypeBox's list of formats is one for the whole process. */
const formats: Record<string, string> = {
  'date-time': '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{6})?Z$',
  uri: '^https?://[^/]+/',
}

/** @returns a sentence about the first difference, or undefined where the value fits. */
export type Check = (value: unknown) => string | undefined

export function checkOf(schema: Schema): Check {
  const compiled = TypeCompiler.Compile(typeOf(schema))
  return (value) => {
    if (compiled.Check(value)) return undefined
    const error = compiled.Errors(value).First()
    const path = error?.path.replace(/\d+/g, 'N') || 'the body'
    return `${path}: ${error?.message.toLowerCase()}, and it is ${typeof error?.value}`
  }
}

/** TypeBox checks its own types alone. A property that the document does not name is a difference, too. */
function typeOf(schema: Schema): TSchema {
  const { properties = {}, required = [], additionalProperties, patternProperties, items } = schema
  const unions = schema.anyOf ?? schema.oneOf
  if (unions) return Type.Union(unions.map(typeOf))
  if (schema.allOf)
    return Type.Intersect(schema.allOf.map((part) => typeOf({ additionalProperties: true, ...part })))
  if (schema.const !== undefined) return Type.Literal(schema.const)
  if (schema.enum) return Type.Union(schema.enum.map((value) => Type.Literal(value)))
  if (Array.isArray(schema.type)) return Type.Union(schema.type.map((type) => typeOf({ ...schema, type })))
  switch (schema.type) {
    case 'object': {
      const values = Object.values(patternProperties ?? {})[0]
      if (values) return Type.Record(Type.String(), typeOf(values))
      const fields = Object.entries(properties).map(([name, field]) => {
        const type = typeOf(field)
        return [name, required.includes(name) ? type : Type.Optional(type)] as const
      })
      const others =
        typeof additionalProperties === 'object'
          ? typeOf(additionalProperties)
          : additionalProperties === true
      return Type.Object(Object.fromEntries(fields), { additionalProperties: others })
    }
    case 'array':
      return Type.Array(items ? typeOf(items) : Type.Unknown())
    case 'string':
      return Type.String(textOptions(schema))
    case 'integer':
      return Type.Integer(numberOptions(schema))
    case 'number':
      return Type.Number(numberOptions(schema))
    case 'boolean':
      return Type.Boolean()
    case 'null':
      return Type.Null()
    default:
      return Type.Unknown()
  }
}

function textOptions({ format, pattern = formats[format ?? ''], minLength = 0, maxLength }: Schema) {
  return { minLength, ...(pattern && { pattern }), ...(maxLength !== undefined && { maxLength }) }
}

function numberOptions({ minimum, maximum }: Schema) {
  return { ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) }
}
