// Finds the operations of an address, and their parameters, in the server's OpenAPI document, /swagger/json.

import { pathOf } from './address'

/** The parts of a JSON schema that the server's document uses. */
export interface Schema {
  type?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  format?: string
  description?: string
  required?: string[]
  properties?: Record<string, Schema>
  minLength?: number
  maxLength?: number
  minimum?: number
}

export interface Parameter {
  name: string
  in: string
  description?: string
  schema?: Schema
}

export interface Operation {
  summary?: string
  description?: string
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema?: Schema }> }
}

export interface ApiDocument {
  /** Keys: a template, such as `/jobs/{job}/`, then a method in lower case. */
  paths: Record<string, Record<string, Operation>>
}

/**
 * The template that matches an address, with or without the slash at the end.
 *
 * If several match, the first segment in which they differ decides, as in the server's router: a literal beats a
 * parameter.
 */
export function templateOf({ paths }: ApiDocument, address: string): string | undefined {
  const segments = segmentsOf(pathOf(address))
  let best: string | undefined
  let bestRank: string | undefined
  for (const template of Object.keys(paths)) {
    const rank = rankOf(segmentsOf(template), segments)
    if (rank === undefined || (bestRank !== undefined && bestRank <= rank)) continue
    best = template
    bestRank = rank
  }
  return best
}

/** The operations of an address by method in lower case; none if the API does not have the address. */
export function operationsOf(document: ApiDocument | undefined, address: string): Record<string, Operation> {
  const template = document && templateOf(document, address)
  return (template && document?.paths[template]) || {}
}

/** `0` for each equal segment, `1` for a parameter, `2` for the rest of the path; undefined: no match. */
function rankOf(template: string[], segments: string[]): string | undefined {
  if (takesTheRest(template) ? segments.length < template.length : segments.length !== template.length) {
    return undefined
  }
  let rank = ''
  for (const [index, part] of template.entries()) {
    if (part === REST) rank += '2'
    else if (part.startsWith('{')) rank += '1'
    else if (part === segments[index]) rank += '0'
    else return undefined
  }
  return rank
}

/** The parameter for the path of a file, which may contain slashes. */
const REST = '{path}'

function takesTheRest(template: string[]): boolean {
  return template.at(-1) === REST
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter(Boolean)
}

/** Whether the template is of stored files: their content has no schema. */
export function isFile(template: string | undefined): boolean {
  return template !== undefined && takesTheRest(segmentsOf(template))
}

/** Whether the rows of a list have addresses of their own, by id. */
export function hasItems({ paths }: ApiDocument, template: string): boolean {
  return Object.keys(paths).some(
    (other) => other.startsWith(template) && /^\{\w+\}\/$/.test(other.slice(template.length)),
  )
}

/** The query parameters of an operation. */
export function queryParametersOf(operation: Operation | undefined): Parameter[] {
  return operation?.parameters?.filter((parameter) => parameter.in === 'query') ?? []
}
