// What holds for all files of tests. How long a test may take: long, because others may use the machine, and tests
// seldom hang. And that what files share ends.

import { setDefaultTimeout } from 'bun:test'
import { endWhatIsKept } from './kept'

const LIMIT_MS = 120_000

// Bun's own default is 5 s. bunfig.toml cannot say another one, and Bun forgets this one with the end of each file, so
// it is set again whenever a file of tests is about to be loaded.
Bun.plugin({
  name: 'patience',
  setup(build) {
    build.onResolve({ filter: /\.test\.tsx?$/ }, () => {
      setDefaultTimeout(LIMIT_MS)
      return undefined
    })
  },
})

endWhatIsKept()
