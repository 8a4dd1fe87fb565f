import stylistic from '@stylistic/eslint-plugin'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** The rooms of src/, top to bottom of the data flow. A room imports from rooms above it in this list, through their door. */
const rooms = [
  'config', 'identity', 'store', 'telemetry', 'graph', 'model', 'adapter', 'quality', 'corpus', 'training',
  'inference', 'audit', 'aggregation', 'network', 'hierarchy', 'rounds',
]

/** The folders beside src/, which may import from src/ and from the folders named before them. */
const outside = ['src', 'node', 'bootstrap', 'scripts', 'test']

const imports = (patterns) => ({ '@typescript-eslint/no-restricted-imports': ['error', { patterns }] })

const roomOrder = rooms.map((room, at) => ({
  files: [`src/${room}/**/*.ts`],
  rules: imports([
    ...rooms.slice(at + 1).map((below) => ({ regex: `^(\\.\\./)+${below}/`, message: `${room}/ comes before ${below}/ in the house: move what both need up.` })),
    ...rooms.slice(0, at).map((above) => ({ regex: `^(\\.\\./)+${above}/(?!index\\.js$)`, message: `Use the door of the room: ${above}/index.js.` })),
    { regex: '^(\\.\\./)+(node|bootstrap|scripts|test)/', message: 'src/ is the library: it knows nothing of its users.' },
  ]),
}))

const folderOrder = outside.slice(1).map((folder, at) => ({
  files: [`${folder}/**/*.ts`],
  rules: imports([
    ...outside.slice(at + 2).map((later) => ({ regex: `^(\\.\\./)+${later}/`, message: `${folder}/ must not import from ${later}/.` })),
    ...(folder === 'test' ? [] : [{ regex: `^(\\.\\./)+src/(${rooms.join('|')})/(?!index\\.js$)`, message: 'Use the door of the room: its index.js.' }]),
  ]),
}))

export default defineConfig(
  { ignores: ['build/', 'dist/', 'models/', 'coverage/'] },
  tseslint.configs.strictTypeChecked,
  stylistic.configs.customize({ indent: 2, quotes: 'single', semi: false, braceStyle: '1tbs', arrowParens: true }),
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js', 'scripts/interop/ava.config.mjs'] }, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@stylistic/max-statements-per-line': ['error', { max: 3 }],
      '@stylistic/space-before-function-paren': 'off',
      '@stylistic/no-mixed-operators': 'off',
      '@stylistic/quote-props': ['error', 'as-needed'],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
    },
  },
  ...roomOrder,
  ...folderOrder,
  // Fuzzing and exploration reach behind the doors, as tests do.
  { files: ['scripts/{fuzz,explore}/**/*.ts'], rules: imports([{ regex: '^(\\.\\./)+test/', message: 'scripts/ must not import from test/.' }]) },
  { files: ['node/**/*.ts', 'bootstrap/**/*.ts', 'scripts/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: ['eslint.config.js', 'scripts/interop/ava.config.mjs'], extends: [tseslint.configs.disableTypeChecked] },
)
