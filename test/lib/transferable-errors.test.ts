import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BadRequest, DomainError, NotUnique, TooLarge } from '../../src/lib/errors'
import { codeOfClass, fromPlainError, registerErrors, toPlainError } from '../../src/lib/transferable-errors'
import * as storageErrors from '../../src/storage/errors'

const transfer = (error: unknown) => fromPlainError(JSON.parse(JSON.stringify(toPlainError(error))))

test('an error keeps its class, its message, its stack and its properties', () => {
  const error = new NotUnique('category', 'key')
  const arrived = transfer(error)
  expect(arrived).toBeInstanceOf(NotUnique)
  expect(arrived.constructor).toBe(NotUnique)
  const { message, stack } = arrived
  expect({ ...arrived, message, stack } as object).toEqual({
    code: 'invalid',
    body: error.body,
    retryAfterSeconds: undefined,
    message: error.message,
    stack: error.stack,
  })
  expect(transfer(new storageErrors.WalGone('a-wal', true))).toMatchObject({
    constructor: storageErrors.WalGone,
    message: 'a-wal was removed or replaced',
    mayBeStored: true,
  })
})

test('every class of the storage errors has a code of its own', () => {
  const types = Object.values(storageErrors) as (new (text: string) => Error)[]
  expect(types.length).toBeGreaterThan(8)
  const codes = types.map((type) => codeOfClass(new type('a')))
  expect(new Set(codes).size).toBe(types.length)
  for (const type of types) expect(transfer(new type('a')).constructor).toBe(type)
})

test('a class without a code arrives as the nearest one that it extends', () => {
  class Unusual extends BadRequest {}
  expect(transfer(new Unusual('a')).constructor).toBe(BadRequest)
  expect(transfer(new TooLarge(5))).toBeInstanceOf(DomainError)
})

test('any other error arrives as a plain one, and whatever else is thrown as its text', () => {
  const error = Object.assign(new TypeError('x is undefined'), { request: {} })
  const arrived = transfer(error)
  expect({ ...arrived, name: arrived.name, message: arrived.message, stack: arrived.stack }).toEqual({
    name: 'TypeError',
    message: 'x is undefined',
    stack: error.stack,
  })
  expect(transfer('a text').message).toBe('a text')
})

test('a code belongs to one class', () => {
  expect(() => registerErrors({ not_found: class extends Error {} })).toThrow(
    'two classes of errors have the code not_found',
  )
})

test('the registry knows no class by itself', () => {
  const source = readFileSync(join(import.meta.dir, '../../src/lib/transferable-errors.ts'), 'utf8')
  expect(source).not.toMatch(/^import /m)
})
