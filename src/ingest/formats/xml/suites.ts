// The suites and tests of a document, in its order, however they are put into one another.

import type { FileReading } from '../reading'
import { attribute, childElements, type Element, isElement, localName, ownText } from './document'
import type { LeftOut } from './left-out'
import { isOutput, isProblem } from './outcome'
import { isProperties } from './parts'

export interface Suite {
  element: Element
  /** Names from the outermost to this one; '' where there are none. */
  name: string
  /** Suites and tests right in it. */
  suites: Suite[]
  tests: FoundTest[]
  /** Tests in it, and in the suites in it. */
  all: number
}

export interface FoundTest {
  element: Element
  suite: Suite
}

export interface Found {
  root: Suite
  /** Without the root, if that is a <testsuites>. Outer ones come first. */
  suites: Suite[]
  tests: FoundTest[]
  /** The name of the whole: of <testsuites>, or else of the only suite that stands in no other. */
  name: string
}

/** Between the names of suites, as between those of a TAP subtest and its parent. */
const WITHIN = ' > '

/** Loops, not a recursion: suites may be nested deeper than a stack. */
export function findSuites(rootElement: Element, reading: FileReading, leftOut: LeftOut): Found {
  const only = onlySuite(rootElement)
  const name = suiteName(rootElement) || (only ? suiteName(only) : '')
  /** The whole has its name, so that suites in it need not have it, too. */
  const whole = only && suiteName(only) === name ? only : undefined
  const isSuite = localName(rootElement) === 'testsuite'
  const root = newSuite(rootElement, '')
  const found: Found = { root, suites: isSuite ? [root] : [], tests: [], name }
  const outers = new Map<Suite, Suite>()
  const waiting: (Suite | FoundTest)[] = [root]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if ('suite' in next) {
      found.tests.push(next)
      continue
    }
    if (next !== root) found.suites.push(next)
    const inside = childrenOf(next)
    for (const item of inside.reverse()) waiting.push(item)
    if (ownText(next.element).trim() !== '') leftOut.add(`text in <${next.element.name.slice(0, 60)}>`)
  }
  for (const suite of found.suites.toReversed()) {
    const outer = outers.get(suite)
    if (outer) outer.all += suite.all
  }
  return found

  function childrenOf(suite: Suite): (Suite | FoundTest)[] {
    const inside: (Suite | FoundTest)[] = []
    const problems: Element[] = []
    for (const child of suite.element.children) {
      if (!isElement(child)) continue
      const kind = localName(child)
      if (kind === 'testcase') {
        const test = { element: child, suite }
        suite.tests.push(test)
        suite.all++
        inside.push(test)
      } else if (kind === 'testsuite' || kind === 'testsuites') {
        const inner = newSuite(child, suite.element === whole ? '' : suite.name)
        suite.suites.push(inner)
        outers.set(inner, suite)
        inside.push(inner)
      } else if (isProblem(child)) problems.push(child)
      else if (!isOutput(child) && !isProperties(child)) leftOut.element(child.name, suite.element.name)
    }
    if (problems.length > 0) inside.push({ suite, element: testOf(suite, problems) })
    return inside
  }

  function newSuite(element: Element, before: string): Suite {
    const own = element === rootElement && !isSuite ? '' : suiteName(element)
    const name = before === '' || own === '' ? before || own : `${before}${WITHIN}${own}`
    // Cut where it is too long: the names of many suites deep in one another would be longer than the file.
    return { element, name: reading.name(name, 'name of a suite'), suites: [], tests: [], all: 0 }
  }
}

/** What went wrong in a suite outside its tests is a test, or nobody would see it. */
function testOf({ element }: Suite, problems: Element[]): Element {
  return { name: 'testcase', attributes: { name: suiteName(element) || 'suite' }, children: problems }
}

/** The suite that stands in no other, if there is one only. */
function onlySuite(root: Element): Element | undefined {
  if (localName(root) === 'testsuite') return root
  const [only, ...others] = childElements(root).filter((child) =>
    /^test(suites?|case)$/.test(localName(child)),
  )
  return others.length === 0 && only && localName(only) === 'testsuite' ? only : undefined
}

function suiteName(element: Element): string {
  return attribute(element, 'name').trim()
}
