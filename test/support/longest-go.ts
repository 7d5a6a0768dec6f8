// For how long work keeps everybody else from the thread that it shares with the test.

const RUNS = 3

/**
 * The longest time in which nobody else had a turn, as a share of all the time that `work` took: the least of a few runs,
 * for what else the machine does can only add to it.
 *
 * @param work  is given the number of the run.
 */
export async function longestGo(work: (run: number) => Promise<void>): Promise<number> {
  const shares: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const begun = performance.now()
    let last = begun
    let longest = 0
    let isDone = false
    const look = () => {
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
      if (!isDone) setImmediate(look)
    }
    setImmediate(look)
    await work(run)
    isDone = true
    look()
    shares.push(longest / (performance.now() - begun))
  }
  return Math.min(...shares)
}
