// How much work it is to look through texts, counted and not timed: characters that methods of strings go through, and
// what regular expressions may take at worst.

type Method = (this: string, ...given: never[]) => unknown

/** What each call goes through. */
const methods: Record<string, (text: string, result: unknown, given: unknown[]) => number> = {
  split: (text) => text.length,
  indexOf: (text, result, [, from = 0]) =>
    (Number(result) < 0 ? text.length : Number(result)) - Math.min(Number(from), text.length),
  includes: (text) => text.length,
  lastIndexOf: (text, result) => text.length - Math.max(0, Number(result)),
  slice: (_, result) => String(result).length,
  trim: (text) => text.length,
  toLowerCase: (text) => text.length,
  startsWith: (_, __, [start]) => String(start).length,
  endsWith: (_, __, [end]) => String(end).length,
  charCodeAt: () => 1,
}

/** With k unbounded repetitions, and one more for where it begins unless it is anchored. */
function worstOf({ source, sticky }: RegExp, length: number): number {
  const isAnchored = source[0] === '^' || sticky
  return length ** Math.max(1, repetitionsIn(source) + (isAnchored ? 0 : 1))
}

/** No expression is used to look through it: it would be counted, too. */
function repetitionsIn(source: string): number {
  let count = 0
  let isInClass = false
  for (let at = 0; at < source.length; at++) {
    const character = source[at]
    if (character === '\\') at++
    else if (isInClass) isInClass = character !== ']'
    else if (character === '[') isInClass = true
    else if (character === '*' || character === '+') count++
  }
  return count
}

/** Counts from when it is made until it is disposed of. */
export class CountedWork {
  count = 0
  private readonly restore: (() => void)[] = []

  constructor() {
    for (const [name, cost] of Object.entries(methods)) {
      const original = String.prototype[name as 'split'] as unknown as Method
      const add = (work: number) => {
        this.count += work
      }
      this.replace(String.prototype, name, function (this: string, ...given: never[]) {
        const result = original.apply(this, given)
        add(cost(String(this), result, given))
        return result
      })
    }
    const { exec, test } = RegExp.prototype
    const look = (expression: RegExp, text: string) => {
      this.count += worstOf(expression, text.length)
    }
    this.replace(RegExp.prototype, 'exec', function (this: RegExp, text: string) {
      look(this, String(text))
      return exec.call(this, text)
    })
    this.replace(RegExp.prototype, 'test', function (this: RegExp, text: string) {
      look(this, String(text))
      return test.call(this, text)
    })
  }

  [Symbol.dispose](): void {
    for (const undo of this.restore) undo()
  }

  private replace(prototype: object, name: string, method: unknown): void {
    const original = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor
    Object.defineProperty(prototype, name, { ...original, value: method })
    this.restore.push(() => Object.defineProperty(prototype, name, original))
  }
}
