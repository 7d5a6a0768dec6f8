// Descriptions of routes, and the OpenAPI document made from them: /swagger (page), /swagger/json.

import { swagger } from '@elysiajs/swagger'
import { type TSchema, Type as t } from '@sinclair/typebox'
import { type AnyElysia, Elysia } from 'elysia'
import scalarPath from '../../../node_modules/@scalar/api-reference/dist/browser/standalone.js' with {
  type: 'file',
}
import { version } from '../../../package.json'
import { mediaTypes } from '../request/body'
import { indentOf, isJson, jsonAnswer } from '../response/json'
import { StaticResponse } from '../response/representations'
import type { HttpServices } from '../services'

interface Description {
  summary: string
  description?: string
  /** The schema of the request's body. */
  body?: TSchema
  /** The status of success, and the schema of its body. Without a schema there is no body. */
  status?: number
  reply?: TSchema
  /** The media type of the reply. */
  replyType?: string
  parameters?: object[]
  /** Expected failures of the route, besides those of every route of its kind. */
  errors?: (400 | 403 | 404 | 408 | 409 | 413)[]
  /** The route changes something, and so needs credentials. */
  writes?: boolean
  /** For administrators, and perhaps for the user that it is about. Reading needs this, too. */
  administers?: boolean
  /** The schema of failures, if it is not the usual one. */
  failure?: TSchema
  /** Further replies by status. They replace the failure of the same status. */
  otherReplies?: Record<number, { description: string; reply?: TSchema }>
}

const failures = {
  400: 'Something in the request is wrong: one sentence for each field, or `detail`',
  401: 'Credentials are missing or wrong',
  403: 'Not allowed: by the role of the user; or a page of another site sent it; or `X-CSRF-Token` is missing',
  404: 'Nothing has this name',
  409: 'The name fits several jobs, or something else uses this',
  408: 'The body came too slowly',
  413: 'The body is too large',
  414: 'The URL is too long',
  415: 'The body is neither JSON nor a form',
  429: 'Too many passwords were wrong, or too many bodies without credentials are on their way: try again after the seconds that `Retry-After` says',
  503: 'Not now: try again after the seconds that `Retry-After` says',
  507: 'The disk of the server has no room',
}

/** The body of a failure. */
export const failureItem = t.Object(
  { detail: t.Optional(t.String()) },
  { additionalProperties: t.Array(t.String()), description: 'What happened, and what to do' },
)

/** The `detail` of a route: its OpenAPI operation. */
export function describe({
  summary,
  description,
  body,
  status = 200,
  reply,
  replyType = 'application/json',
  parameters,
  errors,
  writes,
  administers,
  failure = failureItem,
  otherReplies = {},
}: Description) {
  const statuses = [
    ...(errors ?? []),
    ...[400, 401, 414, 429, 503],
    ...(writes || administers ? [403] : []),
    ...(writes ? [507] : []),
    ...(body ? [408, 413, 415] : []),
  ] as (keyof typeof failures)[]
  return {
    summary,
    ...(description && { description }),
    ...(parameters && { parameters }),
    ...(body && {
      requestBody: { content: Object.fromEntries(mediaTypes.map((type) => [type, { schema: body }])) },
    }),
    ...((writes || administers) && { security: [{ basic: [] }, { bearer: [] }, { session: [], csrf: [] }] }),
    responses: {
      [status]: { description: 'Done', ...(reply && { content: { [replyType]: { schema: reply } } }) },
      ...Object.fromEntries(
        statuses.map((code) => [
          code,
          { description: failures[code], content: { 'application/json': { schema: failure } } },
        ]),
      ),
      ...Object.fromEntries(
        Object.entries(otherReplies).map(([code, { description, reply }]) => [
          code,
          { description, ...(reply && { content: { [replyType]: { schema: reply } } }) },
        ]),
      ),
    },
    // The cast: Elysia types `detail` as OpenAPI 3.0, and TypeBox schemas are of 3.1.
  } as object
}

/** Turns off everything in Scalar that sends requests or links to other hosts. */
const scalarConfig = {
  spec: { url: '/swagger/json' }, // not `url`: the plugin fills the page's data-url from here
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: 'never',
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
}

// Styles are inline; scripts and requests go only to this server. The hash is of the empty script element that carries
// Scalar's configuration.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'sha256-TcUB1mzXiQO4GxpTRZ0EMpOXKMU3u+n/q1WrgVIcs1I='",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE_PATH = '/swagger'
/** Paths with a wildcard, which the plugin leaves out. */
function wildcardPaths() {
  const parameter = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } })
  const operation = (noun: string, tag: string, names: string[]) => ({
    get: {
      ...describe({
        summary: `Show a file of a ${noun}`,
        description: 'As it is, or the part that a `Range` asks for. The path may have slashes.',
        reply: t.String(),
        replyType: '*/*',
        otherReplies: {
          206: { description: 'The part that `Range` asks for', reply: t.String() },
          416: { description: 'The file has no such part' },
        },
        parameters: names.map(parameter),
        errors: [404, 409],
      }),
      tags: [tag],
    },
  })
  return {
    '/jobs/{job}/files/{path}': operation('job', 'Jobs', ['job', 'path']),
    '/jobs/{job}/tests/{test}/files/{path}': operation('test', 'Tests', ['job', 'test', 'path']),
    '/api/v2.0/testcases/{path}': {
      get: {
        ...describe({
          summary: 'Show a testcase',
          description: 'The path is its name, which may have slashes.',
          reply: t.Object({}, { additionalProperties: true }),
          parameters: [parameter('path')],
          errors: [404],
          failure: t.Object({ message: t.String({ description: 'What happened, and what to do' }) }),
        }),
        tags: ['ResultsDB'],
      },
    },
  }
}

/** Keeps the document. The plugin makes it for each request, which takes some milliseconds, though it never changes. */
function cachedDocument() {
  let document: StaticResponse | undefined
  return async ({ request, responseValue, set }: HookContext) => {
    if (!isJson(responseValue)) return undefined
    const headers = { ...set.headers } as Record<string, string>
    Object.assign(set, { headers: {} })
    if (indentOf(request) !== undefined) return jsonAnswer(responseValue, request, headers)
    document ??= new StaticResponse(new Blob([JSON.stringify(responseValue)]))
    return document.answer(request, { ...headers, 'content-type': 'application/json', vary: 'Accept' })
  }
}

/** Sends the page with an entity tag and compressed. The plugin would send its finished Response after this hook. */
function cachedPage(plugin: AnyElysia) {
  const made = plugin.routes.find(({ path }) => path === PAGE_PATH)?.handler as unknown as Response
  const page = made
    .clone()
    .blob()
    .then((content) => new StaticResponse(content))
  return async ({ request, route, set }: HookContext & { route: string }) => {
    if (route !== PAGE_PATH) return undefined
    const headers = { ...set.headers, 'content-type': 'text/html; charset=utf-8' }
    return (await page).answer(request, headers as Record<string, string>)
  }
}

interface HookContext {
  request: Request
  responseValue?: unknown
  set: { headers: object }
}

const SCALAR_PATH = '/swagger/scalar.js'

/**
 * The pages that document the API. Nothing on them comes from another host, so they work in a lab without internet.
 *
 * @param cookie  the name of the session cookie.
 */
export function documentation({ config }: Pick<HttpServices, 'config'>, cookie: string) {
  const script = new StaticResponse(Bun.file(scalarPath))
  const scriptCaching = `${config.private ? 'private' : 'public'}, max-age=86400`
  const documentation = {
    openapi: '3.1.0',
    info: {
      title: 'avocado-server',
      version,
      description: 'Results of Avocado: jobs, their tests, and what happened in them.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    paths: wildcardPaths(),
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'A user and a password' },
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token made by `avocado-server createtoken` or `POST /users/ID/tokens/`',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: cookie,
          description: 'A browser that `POST /auth/login/` signed in',
        },
        csrf: {
          type: 'apiKey',
          in: 'header',
          name: 'X-CSRF-Token',
          description: 'With a session: the `csrf_token` of `GET /auth/me/`, for all that changes something',
        },
      },
    },
    tags: [
      { name: 'Jobs', description: 'Runs of Avocado' },
      { name: 'Tests', description: 'What a job ran' },
      { name: 'Statistics', description: 'Numbers over all jobs' },
      { name: 'Environments', description: 'What the tests ran on' },
      { name: 'Imports', description: 'Whole jobs, as Avocado leaves them behind' },
      { name: 'ResultsDB', description: "What Avocado's resultsdb plugin speaks" },
      { name: 'Users', description: 'Who may do what, and who did: sign in, users, tokens, the audit log' },
      { name: 'Server', description: 'What this server is and knows' },
    ],
  }
  const plugin = swagger({
    // The plugin's type knows OpenAPI 3.0 only.
    documentation: documentation as object,
    scalarCDN: `${SCALAR_PATH}?v=${version}`, // browsers cache it, so each version has its own URL
    excludeStaticFile: false, // it would take every path with a dot for a file, such as /api/v2.0/
    scalarConfig: scalarConfig as object, // typed for an older Scalar
  })
  return (
    new Elysia({ name: 'documentation' })
      // Not onRequest(), which would run for every request to the server.
      .onTransform(({ set }) => {
        set.headers['content-security-policy'] = CONTENT_SECURITY_POLICY
      })
      .mapResponse(cachedDocument())
      .onBeforeHandle(cachedPage(plugin))
      .use(plugin)
      .get(
        SCALAR_PATH,
        ({ request, set }) =>
          script.answer(request, {
            ...(set.headers as Record<string, string>),
            'content-type': 'text/javascript; charset=utf-8',
            'cache-control': scriptCaching,
          }),
        { detail: { hide: true } },
      )
  )
}
