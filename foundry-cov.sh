python3 - <<'P'
p='contracts/Adjudicator.sol'; s=open(p).read()
a=s.index('        Admission.requireFundable(terms, participant, amount);', s.index('function depositWithAuthorization'))
b=s.index('    /// @inheritdoc IAdjudicator\n    function close')
s=s[:a]+'        revert();\n    }\n\n'+s[b:]
open(p,'w').write(s)
P
