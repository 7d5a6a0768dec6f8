// What the server says of itself at /swagger/json: which operations there are, and what each may answer.

import { type Check, checkOf, type Schema } from './schema'

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header' | 'cookie'
  schema?: Schema
}

interface Answer {
  /** Of what comes with it; undefined: nothing comes. */
  type: string | undefined
  check: Check
}

export interface Operation {
  method: string
  /** `/jobs/{job}/` */
  template: string
  parameters: Parameter[]
  /** Media type to schema. */
  bodies: Record<string, Schema>
  answers: Map<number, Answer>
}

interface Content {
  content?: Record<string, { schema: Schema }>
}

interface RawOperation {
  parameters?: Parameter[]
  requestBody?: Content
  responses: Record<string, Content>
}

export class ApiDocument {
  readonly operations: Operation[]
  readonly templates: string[]
  /** The cookie and the header by which a browser says who it is. */
  readonly schemes: Record<string, { in?: string; name?: string }>

  constructor(document: {
    paths: Record<string, Record<string, RawOperation>>
    components: { securitySchemes: Record<string, { in?: string; name?: string }> }
  }) {
    this.templates = Object.keys(document.paths)
    this.schemes = document.components.securitySchemes
    this.operations = Object.entries(document.paths).flatMap(([template, methods]) =>
      Object.entries(methods).map(([method, raw]) => operationOf(method.toUpperCase(), template, raw)),
    )
  }

  static async of(origin: string): Promise<ApiDocument> {
    const response = await fetch(`${origin}/swagger/json`)
    return new ApiDocument((await response.json()) as ConstructorParameters<typeof ApiDocument>[0])
  }

  /** The operation of a method on a path as it was sent; HEAD is that of GET. */
  find(method: string, template: string): Operation | undefined {
    const sought = method === 'HEAD' ? 'GET' : method
    return this.operations.find((operation) => operation.template === template && operation.method === sought)
  }

  /** The template that a path, without its query, is an instance of: the one that begins with more fixed parts. */
  templateOf(path: string): string | undefined {
    const fits = this.templates.filter((template) => patternOf(template).test(path))
    const rank = (template: string) => template.replace(/\{[^}]+\}/g, '~')
    return fits.sort((a, b) => (rank(a) < rank(b) ? -1 : 1))[0]
  }

  /** What the schema of a request's field allows, where it lists it: `role` of POST /users/, for example. */
  choices(method: string, template: string, field: string): string[] {
    const schema = this.find(method, template)?.bodies['application/json']?.properties?.[field]
    return (schema?.anyOf ?? []).flatMap((choice) => (typeof choice.const === 'string' ? [choice.const] : []))
  }
}

function operationOf(method: string, template: string, raw: RawOperation): Operation {
  const answers = Object.entries(raw.responses).map(([status, { content }]) => {
    const [type, entry] = Object.entries(content ?? {})[0] ?? []
    return [Number(status), { type, check: checkOf(entry?.schema ?? {}) }] as const
  })
  const bodies = Object.entries(raw.requestBody?.content ?? {}).map(([type, { schema }]) => [type, schema])
  return {
    method,
    template,
    parameters: raw.parameters ?? [],
    bodies: Object.fromEntries(bodies),
    answers: new Map(answers),
  }
}

const patterns = new Map<string, RegExp>()

function patternOf(template: string): RegExp {
  const known = patterns.get(template)
  if (known) return known
  const parts = template.split(/(\{[^}]+\})/).map((part) => {
    if (part === '{path}') return '.+' // the path of a file may have slashes
    return part.startsWith('{') ? '[^/]+' : part.replace(/[.*+?^$()|[\]\\]/g, '\\$&')
  })
  const pattern = new RegExp(`^${parts.join('').replace(/\/$/, '')}/?$`)
  patterns.set(template, pattern)
  return pattern
}
