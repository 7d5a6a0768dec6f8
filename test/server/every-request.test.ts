// What runs for every request is little: hooks of sign-in's pages and of the OpenAPI document run on their own routes.

import { expect, test } from 'bun:test'
import type { AnyElysia } from 'elysia'
import { createApp } from '../../src/server/app'
import { withServer } from '../support/server'

const server = withServer()

/** The source of the hooks of one route. Elysia keeps one hook or a list of them. */
function hooksOf(app: AnyElysia, method: string, path: string): string[] {
  const route = app.routes.find((route) => route.method === method && route.path === path)
  const hooks = Object.entries(route?.hooks ?? {}).flatMap(([name, hooks]) =>
    /^(transform|beforeHandle|afterHandle|mapResponse)$/.test(name) ? hooks : [],
  )
  return (hooks as ({ fn: () => unknown } | undefined)[]).flatMap((hook) => (hook ? String(hook.fn) : []))
}

test('one hook runs before the router, and those of the document run on its own routes', () => {
  const elysia = createApp(server.services).elysia as AnyElysia & { event: { request?: unknown[] } }
  expect(elysia.event.request?.length).toBe(1)
  const ofVersion = hooksOf(elysia, 'GET', '/version/')
  expect(ofVersion.length).toBeGreaterThan(2)
  const [own, others] = [
    hooksOf(elysia, 'GET', '/swagger/json'),
    [...hooksOf(elysia, 'GET', '/jobs/'), ...hooksOf(elysia, 'POST', '/jobs/:job/tests/')],
  ]
  const ofDocument = own.filter((source) => !ofVersion.includes(source))
  expect(ofDocument.length).toBe(3)
  expect(others.filter((source) => ofDocument.includes(source))).toEqual([])
})
