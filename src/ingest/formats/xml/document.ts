// Parses an XML document to a tree, and reads names, attributes and texts of its elements.

import { refuseManyNodes } from '../part-limits'
import type { FileReading } from '../reading'
import { type Repaired, repair } from './repair'
import { withControls, xmlText } from './text'

export type Element = Bun.XML.Node

const MAX_MESSAGE = 200

export interface XmlDocument {
  root: Element
  /** The file ends before the document is complete. */
  isCut: boolean
}

/** @throws BadRequest when the text is not XML and cannot be repaired. */
export function parseXml(bytes: Uint8Array, reading: FileReading): XmlDocument {
  const { text, hasControls } = xmlText(bytes, reading)
  refuseManyNodes(text, reading)
  const document = parse(text, reading)
  if (hasControls) restoreControls(document.root)
  return document
}

function parse(text: string, reading: FileReading): XmlDocument {
  try {
    return { root: Bun.XML.parse(text, { compact: false }), isCut: false }
  } catch (error) {
    // SyntaxError, also for entities that expand without end; RangeError for elements that are nested too deep.
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
    return undefined // the message describes the first error
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

/** The name without the prefix of a namespace. */
export function plainName({ name }: Element): string {
  return name.slice(name.indexOf(':') + 1)
}

export function localName(element: Element): string {
  return plainName(element).toLowerCase()
}

/** The value of an attribute; '' if it is missing. */
export function attribute(element: Element, name: string): string {
  return Object.hasOwn(element.attributes, name) ? (element.attributes[name] ?? '') : ''
}

export function isElement(child: Element['children'][number]): child is Element {
  return typeof child === 'object' && 'name' in child
}

export function childElements(element: Element): Element[] {
  return element.children.filter(isElement)
}

/** The text directly in an element, without the text of inner elements. */
export function ownText(element: Element): string {
  return element.children.filter((child) => typeof child === 'string').join('')
}

/** All text in an element, without the children for which `isOther` is true. A loop: elements may be nested deep. */
export function textOf(element: Element, isOther: (element: Element) => boolean = () => false): string {
  const texts: string[] = []
  const waiting = element.children.filter((child) => !isElement(child) || !isOther(child)).reverse()
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') texts.push(next)
    else if (isElement(next)) for (const child of next.children.toReversed()) waiting.push(child)
  }
  return texts.join('')
}
