// What the files of a process share, and what ends when nothing of the run is left: a browser, prepared folders.

import { afterAll } from 'bun:test'

/** Says that others end what is left: scripts/test.ts, of which each process runs many files, one run each. */
const isKept = process.env.AVOCADO_TESTS_KEEP === 'true'

const ends: (() => Promise<void> | void)[] = []

/** Makes something for the first file that asks for it, and ends it when the run does. */
export function kept<Made>(
  make: () => Promise<Made>,
  end: (made: Made) => Promise<void> | void,
): () => Promise<Made> {
  let made: Promise<Made> | undefined
  return async () => {
    if (made === undefined) {
      const making = make()
      made = making
      ends.push(async () => {
        made = undefined
        await end(await making)
      })
    }
    return made
  }
}

/** For the preload, whose hooks run at the end: of all files, or of each where each has modules of its own. */
export function endWhatIsKept(): void {
  afterAll(async () => {
    if (!isKept) await Promise.all(ends.splice(0).map((end) => end()))
  })
}
