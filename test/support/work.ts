// Work counted, not timed: what of the language's own collections and texts goes through many things adds how many those
// are while it is watched. A loop in a loop shows as a number that the machine has no part in.

type Cost = (self: { length?: number }, result: unknown) => number

const one: Cost = () => 1
const whole: Cost = (self) => self.length ?? 0
const part: Cost = (_, result) => 1 + ((result as { length?: number }).length ?? 0)

/** Prototypes, with those of their functions that are counted. */
const watched: [object, string[], Cost][] = [
  [Object.getPrototypeOf([][Symbol.iterator]()), ['next'], one],
  [Object.getPrototypeOf(''[Symbol.iterator]()), ['next'], one],
  [Object.getPrototypeOf(new Map()[Symbol.iterator]()), ['next'], one],
  [Object.getPrototypeOf(new Set()[Symbol.iterator]()), ['next'], one],
  [Map.prototype, ['get', 'set', 'has', 'delete'], one],
  [Set.prototype, ['has', 'add', 'delete'], one],
  // These go on until something is found, or to the end: what they call is counted below.
  [Array.prototype, ['includes', 'indexOf', 'lastIndexOf', 'concat', 'join', 'splice', 'shift'], whole],
  [Array.prototype, ['slice'], part],
  [String.prototype, ['split', 'replace', 'replaceAll', 'toWellFormed', 'isWellFormed'], whole],
  [String.prototype, ['slice', 'trim'], part],
  [String.prototype, ['startsWith', 'endsWith'], one],
]
const callers = [
  'find',
  'findIndex',
  'findLast',
  'some',
  'every',
  'filter',
  'map',
  'forEach',
  'reduce',
  'flatMap',
]

type Functions = Record<string, (...given: unknown[]) => unknown>

/** How much `work` does. Nothing else may go on meanwhile. */
export async function countWork(work: () => unknown): Promise<number> {
  let count = 0
  const undo: (() => void)[] = []
  const replace = (
    prototype: object,
    name: string,
    make: (original: Functions[string]) => Functions[string],
  ) => {
    const functions = prototype as Functions
    const original = functions[name] as Functions[string]
    functions[name] = make(original)
    undo.push(() => {
      functions[name] = original
    })
  }
  for (const [prototype, names, cost] of watched) {
    for (const name of names) {
      replace(
        prototype,
        name,
        (original) =>
          function (this: never, ...given) {
            const result = original.apply(this, given)
            count += cost(this, result)
            return result
          },
      )
    }
  }
  for (const name of callers) {
    replace(
      Array.prototype,
      name,
      (original) =>
        function (this: never, ...given) {
          const [called, ...others] = given as [(...values: unknown[]) => unknown]
          const counted = function (this: unknown, ...values: unknown[]) {
            count++
            return called.apply(this, values)
          }
          return original.apply(this, [counted, ...others])
        },
    )
  }
  try {
    await work()
  } finally {
    for (const step of undo) step()
  }
  return count
}
