// The file is embedded in the binary as a text.
declare module '*.sh' {
  const text: string
  export default text
}
