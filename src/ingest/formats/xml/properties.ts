// Reads what a test or suite has besides its outcome: properties and other attributes as data, outputs as files.

import type { NewDatum } from '../../../results/data/queries'
import { RepeatedNames } from '../../repeated-names'
import { type FileReading, firstCodePoints } from '../reading'
import {
  attribute,
  childElements,
  type Element,
  isElement,
  localName,
  ownText,
  plainName,
  textOf,
} from './document'
import type { LeftOut } from './left-out'
import { isOutput, isProblem, readComment } from './outcome'

/** The length of a key that leaves room for a number. */
const MAX_NUMBERED = 240

export type Output = { path: string; content: Uint8Array }

/** Collects data with unique keys in each category: a second `a` with another value becomes `a#2`. */
export class DataReading {
  readonly data: NewDatum[] = []
  private readonly values = new Map<string, string>()
  private readonly names = new RepeatedNames()

  constructor(private readonly reading: FileReading) {}

  /** @param owner  the suite, if several suites share the data; it distinguishes equal keys. '': none. */
  add(category: string, name: string, value: string, owner = ''): void {
    const key = this.reading.name(name.trim() || '(no name)', 'key of a property')
    const text = this.reading.text(value)
    if (this.put(category, key, text)) return
    const owned = owner === '' ? category : this.reading.name(`${category} of ${owner}`, 'name of a suite')
    if (owned !== category && this.put(owned, key, text)) return
    const start = firstCodePoints(key, MAX_NUMBERED)
    this.names.numbered(start, {
      place: `${owned}\0${start}`,
      isFree: (numbered) => this.put(owned, numbered, text),
    })
  }

  /** @returns false when the key has another value */
  private put(category: string, key: string, value: string): boolean {
    const place = `${category}\0${key}`
    const before = this.values.get(place)
    if (before !== undefined) return before === value
    this.values.set(place, value)
    this.data.push({ category, key, value })
    return true
  }
}

/** Adds attributes as data, except those in `known`, which are read elsewhere. */
export function readAttributes(
  element: Element,
  known: ReadonlySet<string>,
  data: DataReading,
  owner = '',
): void {
  for (const [name, value] of Object.entries(element.attributes)) {
    if (known.has(name) || value.trim() === '' || /^(xmlns|xsi|xml)(:|$)/.test(name)) continue
    data.add('attributes', name, value, owner)
  }
}

export function isProperties(element: Element): boolean {
  const name = localName(element)
  return name === 'properties' || name === 'property'
}

/** Reads the properties in `<properties>`, or a single `<property>`. */
export function readProperties(element: Element, data: DataReading, leftOut: LeftOut, owner = ''): void {
  const properties = localName(element) === 'property' ? [element] : childElements(element)
  for (const property of properties) {
    if (localName(property) !== 'property') {
      leftOut.element(property.name, element.name)
      continue
    }
    const hasValue = Object.hasOwn(property.attributes, 'value')
    const text = textOf(property)
    const value = hasValue ? attribute(property, 'value') + (text.trim() === '' ? '' : `\n${text}`) : text
    data.add('properties', attribute(property, 'name'), value, owner)
  }
}

/** The outputs of a test, a suite or a try of a test: `system-out`; a second one is `system-out-2`. */
export function readOutputs(
  owner: Element,
  { reading, isAvocado }: { reading: FileReading; isAvocado: boolean },
): Output[] {
  const outputs: Output[] = []
  const names = new RepeatedNames('-')
  const add = (path: string, text: string) => {
    if (text.trim() === '' || text.trim() === '<unknown>') return
    outputs.push({
      path: names.distinct(path),
      content: new TextEncoder().encode(reading.text(text)),
    })
  }
  const messages: string[] = []
  for (const child of owner.children) {
    if (typeof child === 'object' && 'comment' in child) {
      const { message, type } = readComment(child.comment) ?? {}
      if (message && type !== 'skip') messages.push(`${type}: ${message}\n`)
    }
    if (!isElement(child)) continue
    if (isOutput(child)) add(localName(child), textOf(child))
    else if (isProblem(child)) {
      if (isAvocado && attribute(child, 'message') !== '') add('traceback', textOf(child))
      for (const inner of outputsIn(child)) add(`${plainName(child)}/${localName(inner)}`, textOf(inner))
    }
  }
  add('messages', messages.join(''))
  if (localName(owner) === 'testcase') add('text', ownText(owner))
  return outputs
}

function outputsIn(problem: Element): Element[] {
  return childElements(problem).filter(isOutput)
}
