// A worker for tests: it echoes what it is told, and ends in every way.

import { runWorker } from '../../../../src/server/workers/protocol'

const main = runWorker<string | Uint8Array, unknown>({
  message(message) {
    if (message === 'break down') throw new TypeError('broken down')
    if (message === 'exit') process.exit()
    if (message === 'end') main.end(new Error('the file is gone'))
    else main.send(typeof message === 'string' ? `${message}!` : message.byteLength)
  },
  async close() {
    await Bun.sleep(1)
    main.send('closing')
  },
})
