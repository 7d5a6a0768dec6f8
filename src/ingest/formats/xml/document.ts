// An XML document as a tree, and what is asked of its elements.

import { refuseManyNodes } from '../parts'
import type { FileReading } from '../reading'
import { type Repaired, repair } from './repair'
import { withControls, xmlText } from './text'

export type Element = Bun.XML.Node

const MAX_MESSAGE = 200

export interface Document {
  root: Element
  /** The file ends before the document does. */
  isCut: boolean
}

/** @throws BadRequest for what is no XML, and cannot be made XML. */
export function parseXml(bytes: Uint8Array, reading: FileReading): Document {
  const { text, hasControls } = xmlText(bytes, reading)
  refuseManyNodes(text, reading)
  const document = parse(text, reading)
  if (hasControls) restoreControls(document.root)
  return document
}

function parse(text: string, reading: FileReading): Document {
  try {
    return { root: Bun.XML.parse(text, { compact: false }), isCut: false }
  } catch (error) {
    // SyntaxError, too, for entities that grow without end; RangeError for elements in elements in elements.
    const { message } = error as Error
    const repaired = repair(text)
    const root = repaired && parseAgain(repaired.text)
    if (!root) reading.refuse(`this is not XML: ${message.slice(0, MAX_MESSAGE)}.`)
    reading.warn(`this is not XML: ${message.slice(0, MAX_MESSAGE)}; ${whatWasDone(repaired)}.`)
    return { root, isCut: repaired.isCut }
  }
}

function whatWasDone({ isCut, hasTail, roots }: Repaired): string {
  if (isCut) return 'what the file does not end was ended'
  if (hasTail) return 'what stands behind the end was left out'
  return roots > 1
    ? `${roots} documents behind each other were read as one`
    : 'what is no markup was read as text'
}

function parseAgain(text: string): Element | undefined {
  try {
    return Bun.XML.parse(text, { compact: false })
  } catch {
    return undefined // what was wrong at first is what is told
  }
}

function restoreControls(root: Element): void {
  const waiting = [root]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const [name, value] of Object.entries(next.attributes)) next.attributes[name] = withControls(value)
    for (const [index, child] of next.children.entries()) {
      if (typeof child === 'string') next.children[index] = withControls(child)
      else if ('name' in child) waiting.push(child)
    }
  }
}

/** Without the prefix of a namespace. */
export function plainName({ name }: Element): string {
  return name.slice(name.indexOf(':') + 1)
}

export function localName(element: Element): string {
  return plainName(element).toLowerCase()
}

/** '' where there is none. */
export function attribute(element: Element, name: string): string {
  return Object.hasOwn(element.attributes, name) ? (element.attributes[name] ?? '') : ''
}

export function isElement(child: Element['children'][number]): child is Element {
  return typeof child === 'object' && 'name' in child
}

export function childElements(element: Element): Element[] {
  return element.children.filter(isElement)
}

/** The text right in an element, without that of the elements in it. */
export function ownText(element: Element): string {
  return element.children.filter((child) => typeof child === 'string').join('')
}

/** All text in an element, in order, without that of those right in it that `isOther` tells apart. Loops: it may be deep. */
export function textOf(element: Element, isOther: (element: Element) => boolean = () => false): string {
  const texts: string[] = []
  const waiting = element.children.filter((child) => !isElement(child) || !isOther(child)).reverse()
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') texts.push(next)
    else if (isElement(next)) for (const child of next.children.toReversed()) waiting.push(child)
  }
  return texts.join('')
}
