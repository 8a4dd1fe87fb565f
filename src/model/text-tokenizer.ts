import * as library from '@huggingface/tokenizers'

/** What is used of the tokenizer of @huggingface/tokenizers, whose own declarations do not resolve under Node's rules for modules. */
export interface TextTokenizer {
  encode(text: string, options: { readonly add_special_tokens: boolean }): { readonly ids: number[] }
  decode(ids: number[], options: { readonly skip_special_tokens: boolean, readonly clean_up_tokenization_spaces: boolean }): string
  token_to_id(token: string): number | undefined
  id_to_token(id: number): string | undefined
  get_vocab(withAddedTokens: boolean): Map<string, number>
}

interface TextTokenizerClass {
  new (tokenizer: object, settings: object): TextTokenizer
}

export const { Tokenizer: TextTokenizer } = library as { readonly Tokenizer: TextTokenizerClass }
