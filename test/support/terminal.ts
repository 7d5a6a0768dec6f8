// The compiled binary at a real (pseudo) terminal, with somebody typing.

import { binary, type Folder } from './binary'

/**
 * Runs a command at a terminal: waits for each text to appear, then types what belongs to it.
 *
 * @param dialogue  pairs of what to wait for and what to type; `\r` is the Enter key, `\x03` is Ctrl-C.
 * @returns the exit code, and all that was shown, without colours and cursor movements.
 */
export async function converse(folder: Folder, args: string[], dialogue: [waitFor: string, type: string][]) {
  let shown = ''
  let unread = 0
  const decoder = new TextDecoder()
  const child = Bun.spawn([binary(), ...args], {
    cwd: folder.path,
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', TERM: 'xterm' },
    terminal: {
      cols: 100,
      rows: 30,
      data(_, bytes) {
        shown += Bun.stripANSI(decoder.decode(bytes, { stream: true }))
      },
    },
  })
  for (const [waitFor, type] of dialogue) {
    const end = performance.now() + 10_000
    for (;;) {
      const found = shown.indexOf(waitFor, unread)
      if (found >= 0) {
        unread = found + waitFor.length
        break
      }
      if (performance.now() > end || child.exitCode !== null) {
        child.kill()
        throw new Error(`"${waitFor}" did not appear; shown: ${shown}`)
      }
      await Bun.sleep(10)
    }
    await Bun.sleep(50) // the prompt shows itself a moment before it listens
    child.terminal?.write(type)
  }
  const code = await child.exited
  await Bun.sleep(20)
  return { code, shown, child }
}
