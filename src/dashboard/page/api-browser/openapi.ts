// What the server's own documentation, /swagger/json, says of an address: which operations it has, and what they
// take.

import { pathOf } from './address'

/** As much of a schema as the server's documentation uses. */
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
  /** By template, such as `/jobs/{job}/`, and method in lower case. */
  paths: Record<string, Record<string, Operation>>
}

/**
 * The template that an address fits, with or without the slash at the end.
 *
 * Of several the one with a word where the others have a parameter, from the left, as the server's router does it.
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

/** The operations of an address, by method in lower case; none where it is no address of the API. */
export function operationsOf(document: ApiDocument | undefined, address: string): Record<string, Operation> {
  const template = document && templateOf(document, address)
  return (template && document?.paths[template]) || {}
}

/** `0` for each segment that is the same word, `1` for a parameter, `2` for the rest of the path; undefined: no fit. */
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

/** The parameter for the path of a file, which may have slashes. */
const REST = '{path}'

function takesTheRest(template: string[]): boolean {
  return template.at(-1) === REST
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter(Boolean)
}

/** Whether what an address shows is a file that somebody stored: its content follows no schema of ours. */
export function isFile(template: string | undefined): boolean {
  return template !== undefined && takesTheRest(segmentsOf(template))
}

/** Whether the rows of a list have addresses of their own, by id. */
export function hasItems({ paths }: ApiDocument, template: string): boolean {
  return Object.keys(paths).some(
    (other) => other.startsWith(template) && /^\{\w+\}\/$/.test(other.slice(template.length)),
  )
}

/** What the query of an operation may hold. */
export function queryParametersOf(operation: Operation | undefined): Parameter[] {
  return operation?.parameters?.filter((parameter) => parameter.in === 'query') ?? []
}
