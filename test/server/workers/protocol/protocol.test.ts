import { expect, test } from 'bun:test'
import { WorkerThread } from '../../../../src/server/workers/protocol'

type Message = string | Uint8Array

const entry = new URL('./echo.ts', import.meta.url)

function start() {
  const messages: unknown[] = []
  const lost = Promise.withResolvers<Error>()
  const losses: string[] = []
  const thread = new WorkerThread<Message, unknown>(entry, 'echo', {
    message: (message) => messages.push(message),
    lost(reason) {
      losses.push(reason.message)
      lost.resolve(reason)
    },
  })
  return { thread, messages, lost: lost.promise, losses }
}

test('messages arrive in order, and closing finishes what was sent', async () => {
  const { thread, messages, losses } = start()
  const bytes = new Uint8Array(1000)
  thread.send('a')
  thread.send(bytes, [bytes.buffer])
  thread.send('b')
  expect(bytes.byteLength).toBe(0) // handed over
  await thread.close()
  expect(messages).toEqual(['a!', 1000, 'b!', 'closing'])
  thread.send('too late')
  await thread.close()
  expect(messages.length).toBe(4)
  expect(losses).toEqual([])
})

test.each([
  ['break down', 'TypeError: broken down'],
  ['exit', "the echo's thread ended without a word"],
  ['end', 'the file is gone'],
])('a worker that ends by itself is lost, once, with the reason: %s', async (how, reason) => {
  const { thread, messages, lost, losses } = start()
  thread.send('a')
  thread.send(how)
  expect((await lost).message).toBe(reason)
  thread.send('b')
  await thread.close()
  expect({ messages, losses }).toEqual({ messages: ['a!'], losses: [reason] })
})

test('a worker that is terminated is not lost, and nothing more comes from it', async () => {
  const { thread, messages, losses } = start()
  thread.send('a')
  thread.terminate()
  await thread.close()
  await Bun.sleep(50)
  expect({ messages, losses }).toEqual({ messages: [], losses: [] })
})
