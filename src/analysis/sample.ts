// What the command check looks at where looking at all would take too long.

/**
 * Rows that are spread over all: all of them, or one of each so many.
 *
 * @param last  the highest id.
 * @param most  about how many; up to twice as many.
 * @param next  the first row after an id; undefined: there is none.
 */
export async function* sampleOf<Row extends { id: number }>(
  { last, most }: { last: number; most: number },
  next: (after: number) => Promise<Row | undefined>,
): AsyncGenerator<Row> {
  const step = Math.max(1, Math.floor(last / most))
  for (let after = 0; after < last; ) {
    const row = await next(after)
    if (!row) return
    yield row
    after = Math.max(row.id, after + step)
  }
}
