namespace FlamingoGpu.Ptx;

/// <summary>
/// Arithmetic of <see cref="S32"/> variables with each other and with constants. The operators of the value type serve
/// where one side is a value; C# finds these where neither is. Each reads the variable at its place.
/// </summary>
public static class S32Variables
{
    extension(Var<S32>)
    {
        /// <summary>Sum.</summary>
        public static S32 operator +(Var<S32> a, Var<S32> b) => a.Value + b.Value;

        /// <summary>Sum.</summary>
        public static S32 operator +(Var<S32> a, S32 b) => a.Value + b;

        /// <summary>Sum.</summary>
        public static S32 operator +(S32 a, Var<S32> b) => a + b.Value;

        /// <summary>Difference.</summary>
        public static S32 operator -(Var<S32> a, Var<S32> b) => a.Value - b.Value;

        /// <summary>Difference.</summary>
        public static S32 operator -(Var<S32> a, S32 b) => a.Value - b;

        /// <summary>Difference.</summary>
        public static S32 operator -(S32 a, Var<S32> b) => a - b.Value;

        /// <summary>Product.</summary>
        public static S32 operator *(Var<S32> a, Var<S32> b) => a.Value * b.Value;

        /// <summary>Product.</summary>
        public static S32 operator *(Var<S32> a, S32 b) => a.Value * b;

        /// <summary>Product.</summary>
        public static S32 operator *(S32 a, Var<S32> b) => a * b.Value;

        /// <summary>Quotient.</summary>
        public static S32 operator /(Var<S32> a, Var<S32> b) => a.Value / b.Value;

        /// <summary>Quotient.</summary>
        public static S32 operator /(Var<S32> a, S32 b) => a.Value / b;

        /// <summary>Quotient.</summary>
        public static S32 operator /(S32 a, Var<S32> b) => a / b.Value;

        /// <summary>Remainder.</summary>
        public static S32 operator %(Var<S32> a, Var<S32> b) => a.Value % b.Value;

        /// <summary>Remainder.</summary>
        public static S32 operator %(Var<S32> a, S32 b) => a.Value % b;

        /// <summary>Remainder.</summary>
        public static S32 operator %(S32 a, Var<S32> b) => a % b.Value;

        /// <summary>Less.</summary>
        public static Pred operator <(Var<S32> a, Var<S32> b) => a.Value < b.Value;

        /// <summary>Less.</summary>
        public static Pred operator <(Var<S32> a, S32 b) => a.Value < b;

        /// <summary>Less.</summary>
        public static Pred operator <(S32 a, Var<S32> b) => a < b.Value;

        /// <summary>Greater.</summary>
        public static Pred operator >(Var<S32> a, Var<S32> b) => a.Value > b.Value;

        /// <summary>Greater.</summary>
        public static Pred operator >(Var<S32> a, S32 b) => a.Value > b;

        /// <summary>Greater.</summary>
        public static Pred operator >(S32 a, Var<S32> b) => a > b.Value;

        /// <summary>Less or equal.</summary>
        public static Pred operator <=(Var<S32> a, Var<S32> b) => a.Value <= b.Value;

        /// <summary>Less or equal.</summary>
        public static Pred operator <=(Var<S32> a, S32 b) => a.Value <= b;

        /// <summary>Less or equal.</summary>
        public static Pred operator <=(S32 a, Var<S32> b) => a <= b.Value;

        /// <summary>Greater or equal.</summary>
        public static Pred operator >=(Var<S32> a, Var<S32> b) => a.Value >= b.Value;

        /// <summary>Greater or equal.</summary>
        public static Pred operator >=(Var<S32> a, S32 b) => a.Value >= b;

        /// <summary>Greater or equal.</summary>
        public static Pred operator >=(S32 a, Var<S32> b) => a >= b.Value;
    }
}
