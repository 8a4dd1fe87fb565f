import type { Family } from '../../family.js'
import { amplitudeEncoding } from './amplitude-encoding.js'
import { bellPairs } from './bell-pairs.js'
import { bernsteinVazirani } from './bernstein-vazirani.js'
import { catState } from './cat-state.js'
import { cssEncoder } from './css-encoder.js'
import { decouplingSequence } from './decoupling-sequence.js'
import { deutschJozsa } from './deutsch-jozsa.js'
import { entanglementSwapping } from './entanglement-swapping.js'
import { fourierAdder } from './fourier-adder.js'
import { fourierTransform, inverseFourierTransform } from './fourier-transform.js'
import { ghzState } from './ghz-state.js'
import { graphState } from './graph-state.js'
import { groverSearch } from './grover.js'
import { heisenbergStep } from './heisenberg-step.js'
import { hiddenShift } from './hidden-shift.js'
import { isingStep } from './ising-step.js'
import { layeredAnsatz } from './layered-ansatz.js'
import { multiControlled } from './multi-controlled.js'
import { parityPhase } from './parity-phase.js'
import { pauliBasis } from './pauli-basis.js'
import { pauliRotation } from './pauli-rotation.js'
import { phaseEstimation } from './phase-estimation.js'
import { phaseOracle } from './phase-oracle.js'
import { powerAdder } from './power-adder.js'
import { productState } from './product-state.js'
import { qaoaLayer } from './qaoa-layer.js'
import { quantumWalk } from './quantum-walk.js'
import { qubitPermutation } from './qubit-permutation.js'
import { repetitionCode } from './repetition-code.js'
import { reversibleLogic } from './reversible-logic.js'
import { rippleAdder } from './ripple-adder.js'
import { rotationLadder } from './rotation-ladder.js'
import { simonOracle } from './simon.js'
import { stabiliserSyndrome } from './stabiliser-syndrome.js'
import { swapTest } from './swap-test.js'
import { teleportation } from './teleportation.js'
import { wState } from './w-state.js'

/** Quantum circuits in OpenQASM 2 and 3, at most 8 qubits, from states over arithmetic and algorithms to codes and dynamics. */
export const quantumFamilies: Family[] = [
  ghzState, catState, wState, bellPairs, fourierTransform, inverseFourierTransform,
  phaseEstimation, groverSearch, deutschJozsa, bernsteinVazirani, simonOracle, hiddenShift,
  phaseOracle, rippleAdder, powerAdder, fourierAdder, reversibleLogic, multiControlled,
  qubitPermutation, swapTest, quantumWalk, stabiliserSyndrome, repetitionCode, cssEncoder,
  isingStep, heisenbergStep, pauliRotation, parityPhase, layeredAnsatz, qaoaLayer,
  graphState, productState, amplitudeEncoding, teleportation, entanglementSwapping, pauliBasis,
  rotationLadder, decouplingSequence,
]
