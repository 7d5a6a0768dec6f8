// The API's description of itself.

import { expect, test } from 'bun:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import pino from 'pino'
import { version } from '../../package.json'
import { createApp } from '../../src/server/app'
import { createServices } from '../../src/server/services'
import { withServer } from '../support/server'

const server = withServer()

const documentOf = async () => (await server.client.get('/swagger/json')).body

test('the document is valid OpenAPI 3.1', async () => {
  const document = await documentOf()
  expect(document.openapi).toBe('3.1.0')
  expect(await new Validator().validate(document)).toEqual({ valid: true })
})

test('every route of the app is in the document, and nothing else', async () => {
  const { elysia } = createApp(
    createServices({
      database: server.database,
      files: server.files,
      diskSpace: server.diskSpace,
      config: server.config,
      clock: () => 0,
      log: pino({ level: 'silent' }),
    }),
  )
  const { hidden = [], shown = [] } = Object.groupBy(
    elysia.routes.filter(
      ({ method, path }) => !['OPTIONS', 'ALL'].includes(method) && !/^\/(swagger|dashboard)/.test(path),
    ),
    ({ hooks }) => (hooks.detail?.hide ? 'hidden' : 'shown'),
  )
  const routes = shown.map(
    ({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}').replace('*', '{path}')}`,
  )
  // What is left out does nothing but refuse: a method that the path does not have, or a list that is fixed.
  await server.makeJob({ id: 'a', tests: [{ tag: 'a' }] })
  for (const { method, path } of hidden) {
    const { status } = await server.client.send(method, path.replace(':job', 'a').replace(/:\w+/g, '1'))
    expect([method, path, status]).toEqual([
      method,
      path,
      /^\/(version|(job|test)statuses)\//.test(path) ? 403 : 405,
    ])
  }
  const { paths } = await documentOf()
  const documented = Object.entries(paths as Record<string, object>).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(documented.sort()).toEqual(routes.sort())
})

test('every operation has a summary, a tag, schemas, its failures, and says whether it wants credentials', async () => {
  const { paths } = await documentOf()
  const faults: string[] = []
  // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI operation
  for (const [path, operations] of Object.entries<Record<string, any>>(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      // Signing in and out is for nobody yet; reading of users is for administrators, and of a mark for its owner.
      const forAnyone = path === '/auth/login/' || path === '/auth/logout/'
      const guarded = (method !== 'get' && !forAnyone) || /^\/(users|audit|triage\/looked)\//.test(path)
      const success = [200, 201, 202, 204].map((status) => operation.responses[status]).find(Boolean)
      if (!operation.summary) faults.push(`${method} ${path}: no summary`)
      if (!operation.tags?.[0]) faults.push(`${method} ${path}: no tag`)
      const [content] = Object.values<{ schema?: object }>(success?.content ?? {})
      if (!content?.schema && !operation.responses[204]) faults.push(`${method} ${path}: no schema`)
      if (!operation.responses[401]) faults.push(`${method} ${path}: no 401`)
      if (path.includes('{') && !operation.responses[404]) faults.push(`${method} ${path}: no 404`)
      if (guarded !== Boolean(operation.security)) faults.push(`${method} ${path}: security`)
      if (['post', 'put', 'patch'].includes(method) && !operation.requestBody && path !== '/auth/logout/')
        faults.push(`${method} ${path}: no body`)
    }
  }
  expect(faults).toEqual([])
})

test('the page and all it loads come from this server', async () => {
  const page = await server.client.get('/swagger')
  expect(page.status).toBe(200)
  const loaded = [...page.body.matchAll(/<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"/g)].map(
    ([, url]) => url,
  )
  expect(loaded).toEqual([`/swagger/scalar.js?v=${version}`])
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
  const script = await server.client.get('/swagger/scalar.js')
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
})
