// Forms out of schemas, and bodies out of forms.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { bodyOf, entriesOf, type Field, fieldsOf } from '../../../src/dashboard/page/api-browser/fields'
import type { ApiDocument, Schema } from '../../../src/dashboard/page/api-browser/openapi'
import { withServer } from '../../support/server'

const server = withServer()

async function schemaOf(method: string, template: string): Promise<Schema | undefined> {
  const { body } = await server.client.get('/swagger/json')
  return (body as ApiDocument).paths[template]?.[method]?.requestBody?.content['application/json']?.schema
}

const plain: Omit<Field, 'name' | 'kind'> = {
  required: false,
  nullable: false,
  description: undefined,
  choices: [],
  maxLength: undefined,
  minimum: undefined,
}

test('a test has these fields', async () => {
  const about = 'ISO 8601; without a zone it is read in the zone of the server'
  const choices = ['PASS', 'ERROR', 'FAIL', 'TEST_NA', 'WARN', 'SKIP', 'CANCEL', 'INTERRUPTED']
  expect(fieldsOf(await schemaOf('post', '/jobs/{job}/tests/'))).toEqual([
    { ...plain, name: 'tag', kind: 'text', required: true, maxLength: 1024 },
    { ...plain, name: 'status', kind: 'choice', nullable: true, choices },
    { ...plain, name: 'environment', kind: 'integer', nullable: true, minimum: 1 },
    { ...plain, name: 'started', kind: 'time', nullable: true, description: about },
    { ...plain, name: 'elapsed_time', kind: 'number', nullable: true, minimum: 0, description: 'Seconds' },
    { ...plain, name: 'fail_reason', kind: 'text', nullable: true },
  ])
})

test('objects and lists are JSON; a body that may hold anything has no fields', async () => {
  expect(fieldsOf(await schemaOf('post', '/testenvironments/'))).toEqual([
    { ...plain, name: 'distro', kind: 'json', required: true },
    { ...plain, name: 'installed_software_components', kind: 'json' },
  ])
  expect(fieldsOf({})).toEqual([])
  expect(fieldsOf(undefined)).toEqual([])
})

test('each schema has its kind of field, and a choice is not described by one of its words', () => {
  const properties: Record<string, Schema> = {
    flag: { type: 'boolean' },
    word: { type: 'string', enum: ['a', 'b'] },
    either: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    mixed: { enum: ['a', 1] },
    anything: {},
    new_password: { type: 'string' },
    role: {
      anyOf: [
        { const: 'one', description: 'The first', type: 'string' },
        { const: 'two', type: 'string' },
      ],
    },
  }
  expect(fieldsOf({ properties }).every(({ description }) => description === undefined)).toBe(true)
  expect(fieldsOf({ properties }).map(({ name, kind, choices }) => [name, kind, choices])).toEqual([
    ['flag', 'boolean', []],
    ['word', 'choice', ['a', 'b']],
    ['either', 'json', []],
    ['mixed', 'json', []],
    ['anything', 'json', []],
    ['new_password', 'password', []],
    ['role', 'choice', ['one', 'two']],
  ])
})

const field = (name: string, kind: Field['kind'], more: Partial<Field> = {}): Field => ({
  ...plain,
  name,
  kind,
  ...more,
})
const entry = (text: string) => ({ text, isNull: false })

test('what nobody filled in is left out, but for a text that is required', () => {
  const fields = [
    field('tag', 'text', { required: true }),
    field('note', 'text'),
    field('seconds', 'number', { required: true }),
    field('data', 'json'),
  ]
  const empty = entriesOf(fields)
  expect(bodyOf(fields, empty, empty)).toEqual({ body: { tag: '' }, errors: {} })
})

test('each kind is sent as what it is', () => {
  const fields = [
    field('text', 'text'),
    field('seconds', 'number'),
    field('count', 'integer'),
    field('flag', 'boolean'),
    field('status', 'choice', { choices: ['PASS'] }),
    field('time', 'time'),
    field('data', 'json'),
    field('gone', 'text', { nullable: true }),
  ]
  const entries = {
    text: entry(' 1 '),
    seconds: entry('1.5'),
    count: entry('2'),
    flag: entry('true'),
    status: entry('PASS'),
    time: entry('2026-11-24T15:00:00Z'),
    data: entry('[{"tag": "a"}]'),
    gone: { text: 'still here', isNull: true },
  }
  expect(bodyOf(fields, entries, entriesOf(fields))).toEqual({
    body: {
      text: ' 1 ',
      seconds: 1.5,
      count: 2,
      flag: true,
      status: 'PASS',
      time: '2026-11-24T15:00:00Z',
      data: [{ tag: 'a' }],
      gone: null,
    },
    errors: {},
  })
})

test('what is no number goes to the server, which has the sentence for it; what is no JSON does not', () => {
  const fields = [field('seconds', 'number'), field('data', 'json')]
  const { body, errors } = bodyOf(fields, { seconds: entry('abc'), data: entry('{') }, entriesOf(fields))
  expect(body).toEqual({ seconds: 'abc' })
  expect(Object.keys(errors)).toEqual(['data'])
  expect(errors.data).toStartWith('This is no JSON: ')
})

test('a change sends what was emptied; PATCH sends nothing else than what changed', () => {
  const fields = [field('description', 'text'), field('status', 'choice'), field('seconds', 'number')]
  const before = entriesOf(fields, { description: 'nightly', status: null, seconds: 3 })
  const after = { ...before, description: entry('') }
  expect(bodyOf(fields, after, before).body).toEqual({ description: '', status: null, seconds: 3 })
  expect(bodyOf(fields, after, before, true).body).toEqual({ description: '' })
  expect(bodyOf(fields, before, before, true).body).toEqual({})
})

test('a form that nobody touched holds what was there', () => {
  const kinds: Record<string, [Field, fc.Arbitrary<unknown>]> = {
    text: [field('text', 'text', { required: true }), fc.string()],
    seconds: [
      field('seconds', 'number'),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x || 0),
    ],
    flag: [field('flag', 'boolean'), fc.boolean()],
    data: [field('data', 'json'), fc.jsonValue().filter((value) => value !== null)],
    gone: [field('gone', 'text', { nullable: true }), fc.constant(null)],
  }
  const fields = Object.values(kinds).map(([kind]) => kind)
  const present = fc.record(
    Object.fromEntries(Object.entries(kinds).map(([name, [, value]]) => [name, value])),
  )
  fc.assert(
    fc.property(present, (value) => {
      const before = entriesOf(fields, value)
      // As JSON has it: -0 is 0.
      expect(bodyOf(fields, before, before)).toEqual({ body: JSON.parse(JSON.stringify(value)), errors: {} })
    }),
  )
})
